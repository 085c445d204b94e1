/**
 * The cases the page knows: of each the highest revision, of all the most recent ones.
 *
 * @import {Case} from "./types.d.ts"
 * @typedef {"newest" | "gravest"} Order
 */

const KEEPS = 500;

export class Ledger {
  /** @type {Map<string, Case>} */
  #cases = new Map();
  keeps = KEEPS;

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
   * Takes in what is newer than what is there; returns just that. The same again changes nothing.
   * @param {Case[]} cases
   */
  merge(cases) {
    const newer = cases.filter((one) => one.revision > (this.#cases.get(one.id)?.revision ?? 0));
    for (const one of newer) this.#cases.set(one.id, one);
    for (const one of this.sorted("newest").slice(this.keeps)) this.#cases.delete(one.id);
    return newer;
  }

  /**
   * Has these cases and no others from now on; returns what is new among them.
   * @param {Case[]} cases
   */
  replace(cases) {
    const wanted = new Set(cases.map((one) => one.id));
    for (const id of this.#cases.keys()) if (!wanted.has(id)) this.#cases.delete(id);
    return this.merge(cases);
  }

  /**
   * Devices were forgotten: so are their cases.
   * @param {string[]} deviceTokens
   */
  forget(deviceTokens) {
    for (const one of [...this.#cases.values()]) {
      if (deviceTokens.includes(one.device_token)) this.#cases.delete(one.id);
    }
  }

  /**
   * What was taken back goes below whatever is suspect where the gravest come first.
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
