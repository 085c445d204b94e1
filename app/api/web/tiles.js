/**
 * The service statistics: four numbers with their history.
 *
 * @import {StatisticsSnapshot} from "./types.d.ts"
 */

import { h, setText } from "./element.js";
import { count, duration, percent, rate, UNKNOWN } from "./format.js";
import { Sparkline } from "./sparkline.js";

class Tile {
  #value = h("span", { class: "value" }, UNKNOWN);
  #note = h("span", { class: "under" }, "\u00a0");
  #line = new Sparkline();
  element;

  /**
   * @param {string} name
   * @param {string} unit
   * @param {string} title
   */
  constructor(name, unit, title) {
    const number = h("dd", {}, this.#value, unit === "" ? null : h("span", { class: "unit" }, unit), this.#note);
    this.element = h("div", { class: "tile", title }, h("dt", {}, name), number, this.#line.element);
  }

  /**
   * @param {string} text
   * @param {number | null} value
   * @param {string} note
   * @param {boolean} alarming
   */
  show(text, value, note, alarming = false) {
    setText(this.#value, text);
    setText(this.#note, note);
    this.element.classList.toggle("alarming", alarming);
    if (value !== null) this.#line.push(value);
  }
}

const MUCH_NOT_EVALUABLE = 0.2;
const LATE_S = 5;

export class Tiles {
  #payments = new Tile("Payments", "/s", "Payments judged per second, averaged over ten seconds");
  #suspects = new Tile("Suspects", "/min", "Payments that became suspects in the last minute");
  #unknown = new Tile(
    "Not evaluable",
    "",
    "Share of the last minute's payments for which the phone reported too little",
  );
  #lag = new Tile("Lag", "", "Records that the detector has not processed yet, and the age of the oldest");
  element = h(
    "dl",
    { class: "tiles", "aria-label": "Service statistics" },
    [this.#payments, this.#suspects, this.#unknown, this.#lag].map((tile) => tile.element),
  );

  /** @param {StatisticsSnapshot} pulse */
  show(pulse) {
    this.#payments.show(rate(pulse.payments_per_s), pulse.payments_per_s, `${count(pulse.judged)} judged`);
    this.#suspects.show(
      rate(pulse.suspects_per_min).replace(/\.0$/, ""),
      pulse.suspects_per_min,
      `${count(pulse.suspects)} in total`,
    );
    const share = pulse.not_evaluable_share;
    this.#unknown.show(
      share === null ? UNKNOWN : percent(share),
      share,
      "of the last minute",
      share !== null && share > MUCH_NOT_EVALUABLE,
    );
    const late = (pulse.lag_s ?? 0) > LATE_S;
    this.#lag.show(pulse.lag === null ? "unknown" : count(pulse.lag), pulse.lag, ageOf(pulse), late);
  }
}

/** @param {StatisticsSnapshot} pulse */
function ageOf({ lag, lag_s }) {
  if (lag === null) return "\u00a0";
  if (lag === 0) return "no lag";
  return lag_s === null ? "age unknown" : `oldest ${duration(lag_s)}`;
}
