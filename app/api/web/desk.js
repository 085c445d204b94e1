/**
 * What the page knows of now, whichever view is open: the cases, the pulse, what was left out.
 *
 * @import {Case, Feedback, Hello, Judged, Pulse} from "./types.d.ts"
 * @import {Stream} from "./stream.js"
 * @typedef {"fresh" | "revised"} News
 */

import { announce } from "./announce.js";
import { get, Refused } from "./api.js";
import { Ledger } from "./ledger.js";

const SETTLED_AFTER_MS = 3000;
const AGAIN_AFTER_MS = 1500;
const TRIES = 8;

/** Tells by an event `cases`, whose detail is a Map of what is new and why, and an event `pulse`. */
export class Desk extends EventTarget {
  /** @type {Map<string, number>} when the cases came that came lately, in milliseconds */
  #cameAt = new Map();
  ledger = new Ledger();
  /** @type {Judged} */
  judged = {};
  /** @type {Hello | null} */
  hello = null;
  /** @type {Pulse[]} the last minutes, the newest at the end */
  pulses = [];
  leftOut = 0;
  /** @type {string | null} the case that was chosen in the list */
  chosen = null;

  /** @param {Stream} stream */
  constructor(stream) {
    super();
    const on = (/** @type {string} */ name, /** @type {(detail: any) => void} */ heard) => {
      stream.addEventListener(name, (event) => heard(/** @type {CustomEvent} */ (event).detail));
    };
    on("hello", (hello) => this.#greeted(hello));
    on("snapshot", ({ cases }) => this.#replaced(cases));
    on("cases", ({ cases, left_out: leftOut }) => this.#came(cases, leftOut));
    on("gone", ({ device_tokens: tokens }) => this.#forgot(tokens));
    on("pulse", (pulse) => this.#beat(pulse));
  }

  /**
   * What the server answers of a case. The store behind it is a moment later than the news are: what just came is asked
   * for a little later, and again while it is not found or the store is away.
   * @param {string} id
   * @param {"" | "/track" | "/history"} part
   * @param {AbortSignal} signal
   */
  async ask(id, part, signal) {
    await pause((this.#cameAt.get(id) ?? 0) + SETTLED_AFTER_MS - Date.now());
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted();
      try {
        return await get(`/api/cases/${encodeURIComponent(id)}${part}`, signal);
      } catch (error) {
        const known = this.ledger.get(id) !== undefined;
        const early = error instanceof Refused && (error.status === 503 || (error.status === 404 && known));
        if (!early || tries === TRIES) throw error;
      }
      await pause(AGAIN_AFTER_MS);
    }
  }

  /** Asks what analysts said lately. Where that cannot be had, rows do without. */
  async recall() {
    try {
      const { judged } = await get("/api/judged");
      this.judged = { ...this.judged, ...judged };
      this.#tell(new Map());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }

  /** @param {Feedback} feedback what was said of a case */
  judge(feedback) {
    if (this.judged[feedback.id] === feedback.verdict) return;
    this.judged = { ...this.judged, [feedback.id]: feedback.verdict };
    this.#tell(new Map());
  }

  /** The newest pulse. */
  get pulse() {
    return this.pulses.at(-1) ?? null;
  }

  /** Knows nothing any more: somebody else may log in. */
  clear() {
    this.ledger.replace([]);
    this.judged = {};
    this.pulses = [];
    this.leftOut = 0;
    this.chosen = null;
  }

  /** @param {Hello} hello */
  #greeted(hello) {
    this.hello = hello;
    this.ledger.keeps = hello.keeps;
  }

  /** @param {Case[]} cases */
  #replaced(cases) {
    this.ledger.replace(cases);
    this.#note(cases.filter((one) => Date.parse(one.timestamp) > Date.now() - SETTLED_AFTER_MS));
    this.leftOut = 0;
    this.#tell(new Map());
  }

  /**
   * @param {Case[]} cases
   * @param {number} leftOut
   */
  #came(cases, leftOut) {
    const known = new Set(cases.filter((one) => this.ledger.get(one.id) !== undefined).map((one) => one.id));
    const newer = this.ledger.merge(cases);
    this.leftOut += leftOut;
    this.#note(newer.filter((one) => !known.has(one.id)));
    say(newer.filter((one) => !known.has(one.id) && one.verdict === "suspect"));
    this.#tell(new Map(newer.map((one) => [one.id, known.has(one.id) ? "revised" : "fresh"])));
  }

  /** @param {Case[]} fresh */
  #note(fresh) {
    const now = Date.now();
    for (const [id, at] of this.#cameAt) if (at + SETTLED_AFTER_MS < now) this.#cameAt.delete(id);
    for (const one of fresh) this.#cameAt.set(one.id, now);
  }

  /** @param {string[]} tokens */
  #forgot(tokens) {
    this.ledger.forget(tokens);
    this.#tell(new Map());
  }

  /** @param {Pulse} pulse */
  #beat(pulse) {
    this.pulses = [...this.pulses, pulse].slice(-120);
    this.dispatchEvent(new Event("pulse"));
  }

  /** @param {Map<string, News>} news */
  #tell(news) {
    this.dispatchEvent(new CustomEvent("cases", { detail: news }));
  }
}

/** @param {Case[]} suspects */
function say(suspects) {
  const [gravest] = suspects.toSorted((one, other) => other.risk - one.risk);
  if (gravest === undefined) return;
  const many = suspects.length === 1 ? "A new suspect" : `${suspects.length} new suspects`;
  announce(`${many}, risk ${gravest.risk}: ${gravest.reason}`);
}

/** @param {number} for_ms */
async function pause(for_ms) {
  if (for_ms > 0) await new Promise((resolve) => setTimeout(resolve, for_ms));
}
