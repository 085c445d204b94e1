/**
 * Position of a phone at a time, from its coarse track.
 *
 * @import {TrackResponse, TrackFix} from "./types.d.ts"
 * @import {LatLon} from "./geo.js"
 */

export class TrackInterpolation {
  /** @type {{at_ms: number, fix: TrackFix}[]} */
  #fixes;

  /** @param {TrackResponse} track */
  constructor(track) {
    this.#fixes = track.fixes.map((fix) => ({ at_ms: Date.parse(fix.at), fix }));
  }

  get from_ms() {
    return this.#fixes[0]?.at_ms ?? 0;
  }

  get to_ms() {
    return this.#fixes.at(-1)?.at_ms ?? 0;
  }

  /**
   * Returns the last fix up to a time. It is held until the next fix, not interpolated on a line.
   * @param {number} at_ms
   */
  fixAt(at_ms) {
    return this.#fixes[this.#count(at_ms) - 1]?.fix ?? null;
  }

  /**
   * Returns the positions up to a time.
   * @param {number} at_ms
   * @returns {LatLon[]}
   */
  until(at_ms) {
    return this.#fixes.slice(0, this.#count(at_ms)).map(({ fix }) => [fix.latitude, fix.longitude]);
  }

  /**
   * Returns the number of fixes up to a time.
   * @param {number} at_ms
   */
  #count(at_ms) {
    let [low, high] = [0, this.#fixes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#fixes[middle]?.at_ms ?? Infinity) <= at_ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
