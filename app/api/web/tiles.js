/**
 * How the service is doing, in four numbers.
 *
 * @import {Pulse} from "./types.d.ts"
 */

import { h, write } from "./element.js";
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
    write(this.#value, text);
    write(this.#note, note);
    this.element.classList.toggle("alarming", alarming);
    if (value !== null) this.#line.push(value);
  }
}

const MUCH_NOT_EVALUABLE = 0.2;
const LATE_S = 5;

export class Tiles {
  #payments = new Tile("Payments", "/s", "Payments judged a second, over the last ten seconds");
  #suspects = new Tile("Suspects", "/min", "Payments that became suspects in the last minute");
  #unknown = new Tile("Not evaluable", "", "Share of the last minute's payments for which the phone told too little");
  #lag = new Tile("Behind", "", "Records that the detector has still to read, and for how long they have waited");
  element = h(
    "dl",
    { class: "tiles", "aria-label": "How the service is doing" },
    [this.#payments, this.#suspects, this.#unknown, this.#lag].map((tile) => tile.element),
  );

  /** @param {Pulse} pulse */
  show(pulse) {
    this.#payments.show(rate(pulse.payments_per_s), pulse.payments_per_s, `${count(pulse.judged)} judged`);
    this.#suspects.show(
      rate(pulse.suspects_per_min).replace(/\.0$/, ""),
      pulse.suspects_per_min,
      `${count(pulse.suspects)} in all`,
    );
    const share = pulse.not_evaluable_share;
    this.#unknown.show(percent(share), share, "of the last minute", share > MUCH_NOT_EVALUABLE);
    const late = (pulse.lag_s ?? 0) > LATE_S;
    this.#lag.show(pulse.lag === null ? "not known" : count(pulse.lag), pulse.lag, waiting(pulse), late);
  }
}

/** @param {Pulse} pulse */
function waiting({ lag, lag_s }) {
  if (lag === null) return "\u00a0";
  if (lag === 0) return "nothing waits";
  return lag_s === null ? "age not known" : `${duration(lag_s)} old at most`;
}
