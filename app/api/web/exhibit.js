/**
 * A case to look at: map, chart, and the replay that moves through both.
 *
 * @import {Case, Track} from "./types.d.ts"
 * @import {Desk} from "./desk.js"
 */

import { isAbort, sentence } from "./api.js";
import { CaseMap, GRID_M, reachOf } from "./case_map.js";
import { h, write } from "./element.js";
import { duration, metres, speed } from "./format.js";
import { distance, near } from "./geo.js";
import { Journey } from "./journey.js";
import { Replay } from "./replay.js";
import { SpeedChart } from "./speed_chart.js";

export class Exhibit {
  #map = new CaseMap();
  #chart;
  #desk;
  #replay = new Replay();
  #said = h("p", { class: "note said", "aria-live": "off" });
  #legend = h("p", { class: "legend" });
  element;
  /** @type {Case | null} */
  #case = null;
  /** @type {Track | null} */
  #track = null;
  /** @type {Journey | null} */
  #journey = null;
  #asking = new AbortController();

  /**
   * @param {Desk} desk
   * @param {{low: boolean}} shape low: where it shares the height of the page with other things
   */
  constructor(desk, { low }) {
    this.#desk = desk;
    this.#chart = new SpeedChart(low);
    this.element = h(
      "div",
      { class: "exhibit" },
      this.#map.element,
      this.#legend,
      this.#replay.element,
      this.#said,
      this.#chart.element,
    );
    this.#replay.onchange = (at_ms) => this.#show(at_ms);
    this.#chart.onpick = (at_s) => this.#replay.go(1000 * at_s);
    this.#replay.element.hidden = true;
  }

  /** Once the element stands in the page. */
  open() {
    this.#map.open();
    this.#chart.open();
  }

  close() {
    this.#asking.abort();
    this.#replay.close();
    this.#chart.close();
    this.#map.close();
  }

  toggle() {
    if (!this.#replay.element.hidden) this.#replay.toggle();
  }

  /**
   * A case: what its verdict says at once, the track when it is there. A newer revision of the same keeps the track.
   * @param {Case} one
   */
  show(one) {
    const same = this.#case?.id === one.id;
    this.#case = one;
    if (!same) {
      this.#track = null;
      this.#journey = null;
      this.#replay.element.hidden = true;
      this.#said.textContent = "Loading the track…";
    }
    this.#draw(!same);
  }

  /** Asks the server for the track of what is shown. */
  async load() {
    const one = this.#case;
    if (one === null) return;
    this.#asking.abort();
    this.#asking = new AbortController();
    try {
      const track = await this.#desk.ask(one.id, "/track", this.#asking.signal);
      if (this.#case?.id !== one.id) return;
      this.#follow(track);
    } catch (error) {
      if (!isAbort(error)) write(this.#said, `The track could not be had: ${sentence(error)}`);
    }
  }

  /** @param {Track} track */
  #follow(track) {
    if (this.#case === null) return;
    this.#track = track;
    this.#journey = new Journey(track);
    this.#draw(false);
    if (track.fixes.length === 0) {
      this.#replay.element.hidden = true;
      write(this.#said, "Positions of this time are not kept any more, or the phone sent none.");
      return;
    }
    const paid_ms = Date.parse(this.#case.timestamp);
    this.#replay.span(Math.min(paid_ms, this.#journey.from_ms), Math.max(paid_ms, this.#journey.to_ms), paid_ms);
  }

  /** @param {boolean} fit */
  #draw(fit) {
    if (this.#case === null) return;
    this.#map.draw(this.#case, this.#track);
    this.#legend.replaceChildren(...legendOf(this.#case, this.#track));
    this.#chart.draw(this.#case, this.#track);
    if (fit) this.#map.fit();
  }

  /** @param {number} at_ms */
  #show(at_ms) {
    const fix = this.#journey?.fixAt(at_ms) ?? null;
    this.#chart.move(at_ms / 1000);
    this.#map.move(
      fix === null ? null : { at: [fix.latitude, fix.longitude], accuracy_m: fix.horizontal_accuracy_m },
      this.#journey?.until(at_ms) ?? [],
    );
    write(this.#said, this.#sentence(at_ms));
  }

  /** @param {number} at_ms */
  #sentence(at_ms) {
    const fix = this.#journey?.fixAt(at_ms) ?? null;
    if (fix === null) return "The phone had not been heard of yet.";
    const age_s = (at_ms - Date.parse(fix.at)) / 1000;
    const place = this.#case?.place ?? null;
    const away =
      place === null ? null : distance([place.lat, place.lon], [fix.latitude, near(fix.longitude, place.lon)]);
    const parts = [
      age_s < 1 ? "Heard now" : `Last heard ${duration(age_s)} before`,
      fix.speed_mps === null ? "speed not told" : speed(fix.speed_mps),
      fix.altitude_m === null ? null : `${metres(fix.altitude_m)} high`,
      away === null ? null : `about ${metres(away)} from the place`,
      this.#track?.complete === false ? "track cut short" : null,
    ];
    return `${parts.filter((part) => part !== null).join(" · ")}`;
  }
}

/**
 * What the signs on the map mean, in this case.
 * @param {Case} one
 * @param {Track | null} track
 */
function legendOf(one, track) {
  const reach_m = reachOf(one);
  const entries = [
    one.place === null ? null : ["place", "card"],
    one.fix_before === null && one.fix_after === null
      ? null
      : ["phone", `phone, to ${metres(track?.grid_m ?? GRID_M)}`],
    reach_m === null ? null : ["reach", `within reach, ${metres(reach_m)}`],
    one.other_payment === null ? null : ["other", "earlier payment of the card"],
  ];
  return entries
    .filter((entry) => entry !== null)
    .map(([sign, text]) => h("span", {}, h("i", { class: `sign ${sign}`, "aria-hidden": "true" }), text));
}
