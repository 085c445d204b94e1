/**
 * Time series of a phone's speed and altitude, with gaps where it sent nothing.
 *
 * @import {Case, TrackResponse} from "./types.d.ts"
 * @typedef {(number | null)[]} Values
 * @typedef {{times: number[], speeds: Values, altitudes: Values}} TimeSeries times in seconds, speeds in km/h
 */

import { kmh } from "./format.js";

const GAP_TIMES = 6;
const GAP_S = 60;

/**
 * Returns the time series of the track; without a track, that of the fixes in the verdict.
 * @param {Case} one
 * @param {TrackResponse | null} track
 */
export function timeSeries(one, track) {
  const evidence = [one.fix_before, one.fix_after].flatMap((fix) =>
    fix === null ? [] : [{ ...fix, altitude_m: null }],
  );
  const fixes = track !== null && track.fixes.length > 0 ? track.fixes : evidence;
  /** @type {TimeSeries} */
  const read = { times: [], speeds: [], altitudes: [] };
  const longest_s = gapFrom(fixes.map((fix) => Date.parse(fix.at) / 1000));
  for (const fix of fixes) {
    const at_s = Date.parse(fix.at) / 1000;
    const before_s = read.times.at(-1) ?? at_s;
    if (at_s - before_s > longest_s) add(read, (at_s + before_s) / 2, null, null); // a gap in the line
    add(read, at_s, fix.speed_mps === null ? null : kmh(fix.speed_mps), fix.altitude_m);
  }
  return read;
}

/**
 * @param {TimeSeries} read
 * @param {number} at_s
 * @param {number | null} speed
 * @param {number | null} altitude
 */
function add(read, at_s, speed, altitude) {
  read.times.push(at_s);
  read.speeds.push(speed);
  read.altitudes.push(altitude);
}

/**
 * Returns the length of silence that counts as a gap, for the report interval of this phone.
 * @param {number[]} times in seconds, in order
 */
function gapFrom(times) {
  const between = times
    .slice(1)
    .map((at_s, index) => at_s - (times[index] ?? at_s))
    .sort((one, other) => one - other);
  return Math.max(GAP_S, GAP_TIMES * (between[between.length >> 1] ?? 0));
}
