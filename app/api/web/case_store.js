/**
 * The newest cases of the page, each with its highest revision.
 *
 * @import {Case} from "./types.d.ts"
 * @typedef {"newest" | "gravest"} Order
 */

const CAPACITY = 500;

export class CaseStore {
  /** @type {Map<string, Case>} */
  #cases = new Map();
  capacity = CAPACITY;

  get size() {
    return this.#cases.size;
  }

  get suspects() {
    return [...this.#cases.values()].filter((one) => one.verdict === "suspect").length;
  }

  /** @param {string} id */
  get(id) {
    return this.#cases.get(id);
  }

  /**
   * Adds newer revisions and returns them. A revision that is already stored changes nothing.
   * @param {Case[]} cases
   */
  merge(cases) {
    const newer = cases.filter((one) => one.revision > (this.#cases.get(one.id)?.revision ?? 0));
    for (const one of newer) this.#cases.set(one.id, one);
    for (const one of this.sorted("newest").slice(this.capacity)) this.#cases.delete(one.id);
    return newer;
  }

  /**
   * Replaces all cases, and returns the new ones among them.
   * @param {Case[]} cases
   */
  replace(cases) {
    const wanted = new Set(cases.map((one) => one.id));
    for (const id of this.#cases.keys()) if (!wanted.has(id)) this.#cases.delete(id);
    return this.merge(cases);
  }

  /**
   * Removes the cases of erased devices.
   * @param {string[]} deviceTokens
   */
  removeDevices(deviceTokens) {
    for (const one of [...this.#cases.values()]) {
      if (deviceTokens.includes(one.device_token)) this.#cases.delete(one.id);
    }
  }

  /**
   * Returns the cases in order. By risk, cases that are no longer suspect come last.
   * @param {Order} order
   * @returns {Case[]}
   */
  sorted(order) {
    const cases = [...this.#cases.values()];
    return cases.sort(
      order === "newest" ? laterFirst : (one, other) => other.risk - one.risk || laterFirst(one, other),
    );
  }
}

/**
 * @param {Case} one
 * @param {Case} other
 */
function laterFirst(one, other) {
  if (one.timestamp !== other.timestamp) return one.timestamp < other.timestamp ? 1 : -1;
  return one.id < other.id ? -1 : 1;
}
