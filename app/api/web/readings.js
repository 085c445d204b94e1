/**
 * What a phone told of its speed and altitude, over time, with gaps where it was silent.
 *
 * @import {Case, Track} from "./types.d.ts"
 * @typedef {(number | null)[]} Values
 * @typedef {{times: number[], speeds: Values, altitudes: Values}} Readings times in seconds, speeds in km/h
 */

import { kmh } from "./format.js";

const GAP_TIMES = 6;
const GAP_S = 60;

/**
 * What the phone said; without a track, what stands in the verdict.
 * @param {Case} one
 * @param {Track | null} track
 */
export function readings(one, track) {
  const evidence = [one.fix_before, one.fix_after].flatMap((fix) =>
    fix === null ? [] : [{ ...fix, altitude_m: null }],
  );
  const fixes = track !== null && track.fixes.length > 0 ? track.fixes : evidence;
  /** @type {Readings} */
  const read = { times: [], speeds: [], altitudes: [] };
  const longest_s = gapFrom(fixes.map((fix) => Date.parse(fix.at) / 1000));
  for (const fix of fixes) {
    const at_s = Date.parse(fix.at) / 1000;
    const before_s = read.times.at(-1) ?? at_s;
    if (at_s - before_s > longest_s) add(read, (at_s + before_s) / 2, null, null); // no line where nothing was heard
    add(read, at_s, fix.speed_mps === null ? null : kmh(fix.speed_mps), fix.altitude_m);
  }
  return read;
}

/**
 * @param {Readings} read
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
 * From how long on a silence is one, for a phone that reports as often as this.
 * @param {number[]} times in seconds, in order
 */
function gapFrom(times) {
  const between = times
    .slice(1)
    .map((at_s, index) => at_s - (times[index] ?? at_s))
    .sort((one, other) => one - other);
  return Math.max(GAP_S, GAP_TIMES * (between[between.length >> 1] ?? 0));
}
