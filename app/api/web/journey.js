/**
 * Where a phone was at a moment, as far as its coarse track tells.
 *
 * @import {Track, TrackFix} from "./types.d.ts"
 * @import {LatLon} from "./geo.js"
 */

export class Journey {
  /** @type {{at_ms: number, fix: TrackFix}[]} */
  #stations;

  /** @param {Track} track */
  constructor(track) {
    this.#stations = track.fixes.map((fix) => ({ at_ms: Date.parse(fix.at), fix }));
  }

  get from_ms() {
    return this.#stations[0]?.at_ms ?? 0;
  }

  get to_ms() {
    return this.#stations.at(-1)?.at_ms ?? 0;
  }

  /**
   * The last fix until then: nothing is made up between two.
   * @param {number} at_ms
   */
  fixAt(at_ms) {
    return this.#stations[this.#count(at_ms) - 1]?.fix ?? null;
  }

  /**
   * The way until then.
   * @param {number} at_ms
   * @returns {LatLon[]}
   */
  until(at_ms) {
    return this.#stations.slice(0, this.#count(at_ms)).map(({ fix }) => [fix.latitude, fix.longitude]);
  }

  /**
   * How many fixes are not later.
   * @param {number} at_ms
   */
  #count(at_ms) {
    let [low, high] = [0, this.#stations.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#stations[middle]?.at_ms ?? Infinity) <= at_ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
