/**
 * A case on map and chart, with a replay that moves through both.
 *
 * @import {Case, TrackResponse} from "./types.d.ts"
 * @import {LiveState} from "./live_state.js"
 */

import { isAbort, messageOf } from "./api.js";
import { CaseMap, GRID_M, reachOf } from "./case_map.js";
import { h, setText } from "./element.js";
import { duration, metres, speed } from "./format.js";
import { distance, near } from "./geo.js";
import { TrackInterpolation } from "./track_interpolation.js";
import { Replay } from "./replay.js";
import { SpeedChart } from "./speed_chart.js";

export class CasePlayer {
  #map = new CaseMap();
  #chart;
  #state;
  #replay = new Replay();
  #caption = h("p", { class: "note said", "aria-live": "off" });
  #legend = h("p", { class: "legend" });
  element;
  /** @type {Case | null} */
  #case = null;
  /** @type {TrackResponse | null} */
  #track = null;
  /** @type {TrackInterpolation | null} */
  #positions = null;
  #request = new AbortController();

  /**
   * @param {LiveState} state
   * @param {{low: boolean}} shape low: beside other content, with less height
   */
  constructor(state, { low }) {
    this.#state = state;
    this.#chart = new SpeedChart(low);
    this.element = h(
      "div",
      { class: "case-player" },
      this.#map.element,
      this.#legend,
      this.#replay.element,
      this.#caption,
      this.#chart.element,
    );
    this.#replay.onchange = (at_ms) => this.#show(at_ms);
    this.#chart.onpick = (at_s) => this.#replay.go(1000 * at_s);
    this.#replay.element.hidden = true;
  }

  /** Called when the element is in the document. */
  open() {
    this.#map.open();
    this.#chart.open();
  }

  close() {
    this.#request.abort();
    this.#replay.close();
    this.#chart.close();
    this.#map.close();
  }

  toggle() {
    if (!this.#replay.element.hidden) this.#replay.toggle();
  }

  /**
   * Shows a case: the verdict at once, the track once it is loaded. A newer revision of the same case keeps the track.
   * @param {Case} one
   */
  show(one) {
    const same = this.#case?.id === one.id;
    this.#case = one;
    if (!same) {
      this.#track = null;
      this.#positions = null;
      this.#replay.element.hidden = true;
      this.#caption.textContent = "Loading the track…";
    }
    this.#draw(!same);
  }

  /** Loads the track of the shown case. */
  async load() {
    const one = this.#case;
    if (one === null) return;
    this.#request.abort();
    this.#request = new AbortController();
    try {
      const track = await this.#state.request(one.id, "/track", this.#request.signal);
      if (this.#case?.id !== one.id) return;
      this.#showTrack(track);
    } catch (error) {
      if (!isAbort(error)) setText(this.#caption, `The track could not be loaded: ${messageOf(error)}`);
    }
  }

  /** @param {TrackResponse} track */
  #showTrack(track) {
    if (this.#case === null) return;
    this.#track = track;
    this.#positions = new TrackInterpolation(track);
    this.#draw(false);
    if (track.fixes.length === 0) {
      this.#replay.element.hidden = true;
      setText(this.#caption, "There are no positions: they are no longer stored, or the phone sent none.");
      return;
    }
    const paid_ms = Date.parse(this.#case.timestamp);
    this.#replay.span(Math.min(paid_ms, this.#positions.from_ms), Math.max(paid_ms, this.#positions.to_ms), paid_ms);
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
    const fix = this.#positions?.fixAt(at_ms) ?? null;
    this.#chart.move(at_ms / 1000);
    this.#map.move(
      fix === null ? null : { at: [fix.latitude, fix.longitude], accuracy_m: fix.horizontal_accuracy_m },
      this.#positions?.until(at_ms) ?? [],
    );
    setText(this.#caption, this.#describe(at_ms));
  }

  /** @param {number} at_ms */
  #describe(at_ms) {
    const fix = this.#positions?.fixAt(at_ms) ?? null;
    if (fix === null) return "The phone has not reported yet.";
    const age_s = (at_ms - Date.parse(fix.at)) / 1000;
    const place = this.#case?.place ?? null;
    const away =
      place === null ? null : distance([place.lat, place.lon], [fix.latitude, near(fix.longitude, place.lon)]);
    const parts = [
      age_s < 1 ? "Reported now" : `Last report ${duration(age_s)} before`,
      fix.speed_mps === null ? "speed unknown" : speed(fix.speed_mps),
      fix.altitude_m === null ? null : `altitude ${metres(fix.altitude_m)}`,
      away === null ? null : `about ${metres(away)} from the payment`,
      this.#track?.complete === false ? "track incomplete" : null,
    ];
    return `${parts.filter((part) => part !== null).join(" · ")}`;
  }
}

/**
 * Returns the legend of the map for this case.
 * @param {Case} one
 * @param {TrackResponse | null} track
 */
function legendOf(one, track) {
  const reach_m = reachOf(one);
  const entries = [
    one.place === null ? null : ["place", "card"],
    one.fix_before === null && one.fix_after === null
      ? null
      : ["phone", `phone, rounded to ${metres(track?.grid_m ?? GRID_M)}`],
    reach_m === null ? null : ["reach", `within reach, ${metres(reach_m)}`],
    one.other_payment === null ? null : ["other", "earlier payment of the card"],
  ];
  return entries
    .filter((entry) => entry !== null)
    .map(([sign, text]) => h("span", {}, h("i", { class: `sign ${sign}`, "aria-hidden": "true" }), text));
}
