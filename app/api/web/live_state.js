/**
 * Live data of the page, whichever view is open: the cases, the statistics, and the number of dropped suspects.
 *
 * @import {Case, CasesEvent, DeviceErased, Disposition, FeedbackResponse, SnapshotEvent, StatisticsSnapshot, Welcome} from "./types.d.ts"
 * @import {Stream} from "./stream.js"
 * @typedef {"fresh" | "revised"} Change
 */

import { ApiError, get } from "./api.js";
import { CaseStore } from "./case_store.js";
import { announce } from "./live_region.js";

const STORED_AFTER_MS = 3000;
const RETRY_DELAY_MS = 1500;
const ATTEMPTS_MAX = 8;
const PULSES_MAX = 120;

/** Dispatches an event `cases`, whose detail maps the ids of new and revised cases, and an event `pulse`. */
export class LiveState extends EventTarget {
  /** @type {Map<string, number>} arrival time of recent cases, in milliseconds */
  #arrivedAt = new Map();
  store = new CaseStore();
  /** @type {Record<string, Disposition>} */
  judged = {};
  /** @type {Welcome | null} */
  welcome = null;
  /** @type {StatisticsSnapshot[]} statistics of the last minutes, newest at the end */
  pulses = [];
  dropped = 0;
  /** @type {string | null} id of the case that is selected in the list */
  chosen = null;

  /** @param {Stream} stream */
  constructor(stream) {
    super();
    const on = (/** @type {string} */ name, /** @type {(detail: any) => void} */ handle) => {
      stream.addEventListener(name, (event) => handle(/** @type {CustomEvent} */ (event).detail));
    };
    on("hello", (welcome) => this.#onHello(welcome));
    on("snapshot", (snapshot) => this.#onSnapshot(snapshot));
    on("cases", (event) => this.#onCases(event));
    on("gone", (erased) => this.#onGone(erased));
    on("pulse", (pulse) => this.#onPulse(pulse));
  }

  /**
   * Requests a case. The store behind the server is later than the stream, so a new case is requested after a delay.
   * The request is repeated while the case is not found or the store is unavailable.
   * @param {string} id
   * @param {"" | "/track" | "/history"} part
   * @param {AbortSignal} signal
   */
  async request(id, part, signal) {
    await pause((this.#arrivedAt.get(id) ?? 0) + STORED_AFTER_MS - Date.now());
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await get(`/api/cases/${encodeURIComponent(id)}${part}`, signal);
      } catch (error) {
        const known = this.store.get(id) !== undefined;
        const early = error instanceof ApiError && (error.status === 503 || (error.status === 404 && known));
        if (!early || attempt === ATTEMPTS_MAX) throw error;
      }
      await pause(RETRY_DELAY_MS);
    }
  }

  /** Loads recent feedback. If that fails, rows show none. */
  async loadFeedback() {
    try {
      const { judged } = await get("/api/judged");
      this.judged = { ...this.judged, ...judged };
      this.#notify(new Map());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** @param {FeedbackResponse} feedback */
  addFeedback(feedback) {
    if (this.judged[feedback.id] === feedback.verdict) return;
    this.judged = { ...this.judged, [feedback.id]: feedback.verdict };
    this.#notify(new Map());
  }

  /** The newest statistics. */
  get pulse() {
    return this.pulses.at(-1) ?? null;
  }

  /** Drops all data, because another user may log in. */
  clear() {
    this.store.replace([]);
    this.judged = {};
    this.pulses = [];
    this.dropped = 0;
    this.chosen = null;
  }

  /** @param {Welcome} welcome */
  #onHello(welcome) {
    this.welcome = welcome;
    this.store.capacity = welcome.keeps;
  }

  /** @param {SnapshotEvent} snapshot */
  #onSnapshot({ cases }) {
    this.store.replace(cases);
    this.#recordArrival(cases.filter((one) => Date.parse(one.timestamp) > Date.now() - STORED_AFTER_MS));
    this.dropped = 0;
    this.#notify(new Map());
  }

  /** @param {CasesEvent} event */
  #onCases({ cases, left_out: dropped }) {
    const known = new Set(cases.filter((one) => this.store.get(one.id) !== undefined).map((one) => one.id));
    const newer = this.store.merge(cases);
    this.dropped += dropped;
    this.#recordArrival(newer.filter((one) => !known.has(one.id)));
    announceSuspects(newer.filter((one) => !known.has(one.id) && one.verdict === "suspect"));
    this.#notify(new Map(newer.map((one) => [one.id, known.has(one.id) ? "revised" : "fresh"])));
  }

  /** @param {DeviceErased} erased */
  #onGone({ device_tokens: tokens }) {
    this.store.removeDevices(tokens);
    this.#notify(new Map());
  }

  /** @param {StatisticsSnapshot} pulse */
  #onPulse(pulse) {
    this.pulses = [...this.pulses, pulse].slice(-PULSES_MAX);
    this.dispatchEvent(new Event("pulse"));
  }

  /** @param {Case[]} fresh */
  #recordArrival(fresh) {
    const now = Date.now();
    for (const [id, at] of this.#arrivedAt) if (at + STORED_AFTER_MS < now) this.#arrivedAt.delete(id);
    for (const one of fresh) this.#arrivedAt.set(one.id, now);
  }

  /** @param {Map<string, Change>} changes */
  #notify(changes) {
    this.dispatchEvent(new CustomEvent("cases", { detail: changes }));
  }
}

/** @param {Case[]} suspects */
function announceSuspects(suspects) {
  const [highest] = suspects.toSorted((one, other) => other.risk - one.risk);
  if (highest === undefined) return;
  const many = suspects.length === 1 ? "A new suspect" : `${suspects.length} new suspects`;
  announce(`${many}, risk ${highest.risk}: ${highest.reason}`);
}

/** @param {number} for_ms */
async function pause(for_ms) {
  if (for_ms > 0) await new Promise((resolve) => setTimeout(resolve, for_ms));
}
