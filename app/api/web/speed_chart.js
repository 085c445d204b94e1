/**
 * Chart of the phone's speed and altitude over time, with the speed that the rule allows.
 *
 * @import {Case, TrackResponse} from "./types.d.ts"
 * @import {Values} from "./time_series.js"
 */

import uPlot from "/lib/uplot.js";
import { h } from "./element.js";
import { count, kmh, speed } from "./format.js";
import { drawTimeCursor } from "./time_cursor.js";
import { timeSeries } from "./time_series.js";
import { colour, theme } from "./theme.js";
import { local } from "./time.js";

const HEIGHT_PX = 200;
const LOW_PX = 165;
const LOG_SCALE_FROM = 4;
const FONT = "11px system-ui, sans-serif";

export class SpeedChart {
  #plot_box = h("div", { class: "plot" });
  #note = h("p", { class: "note" });
  element = h("figure", { class: "chart", role: "img" }, this.#plot_box, this.#note);
  /** @type {uPlot | null} */
  #plot = null;
  /** @type {{one: Case, track: TrackResponse | null} | null} */
  #shown = null;
  #at_s = NaN;
  #height;
  #redraw = () => this.#shown !== null && this.draw(this.#shown.one, this.#shown.track);
  #sizes = new ResizeObserver(() => this.#plot?.setSize({ width: this.#width(), height: this.#height }));

  /** Called with the time, in seconds, that the user clicked. */
  onpick = (/** @type {number} */ _at_s) => {};

  /** @param {boolean} low */
  constructor(low) {
    this.#height = low ? LOW_PX : HEIGHT_PX;
  }

  open() {
    theme.addEventListener("change", this.#redraw);
    this.#sizes.observe(this.#plot_box);
  }

  close() {
    theme.removeEventListener("change", this.#redraw);
    this.#sizes.disconnect();
    this.#plot?.destroy();
    this.#plot = null;
  }

  /**
   * @param {Case} one
   * @param {TrackResponse | null} track
   */
  draw(one, track) {
    this.#shown = { one, track };
    this.#plot?.destroy();
    this.#plot = null;
    const { times, speeds, altitudes } = timeSeries(one, track);
    this.element.dataset.points = String(times.length);
    this.element.setAttribute("aria-label", description(one, speeds));
    if (times.length === 0) {
      this.#note.textContent = "The speed of this phone is unknown.";
      return;
    }
    this.#note.textContent = "";
    const heights = altitudes.some((one) => one !== null);
    const allowed = one.allowed_speed_mps === null ? null : kmh(one.allowed_speed_mps);
    const data = [times, speeds, times.map(() => allowed), ...(heights ? [altitudes] : [])];
    this.#plot = new uPlot(this.#options(one, speeds, allowed, heights), /** @type {any} */ (data), this.#plot_box);
    this.#plot.over.addEventListener("click", () => this.#pick());
  }

  /**
   * Marks the time of the replay.
   * @param {number} at_s
   */
  move(at_s) {
    this.#at_s = at_s;
    this.#plot?.redraw(false, false);
  }

  #pick() {
    const index = this.#plot?.cursor.idx;
    const at_s = index === null || index === undefined ? undefined : this.#plot?.data[0][index];
    if (at_s !== undefined) this.onpick(at_s);
  }

  #width() {
    return Math.max(260, this.#plot_box.clientWidth);
  }

  /**
   * Uses a linear scale, or powers of ten where the allowed speed is far above the phone's speed.
   * @param {Case} one
   * @param {Values} speeds
   * @param {number | null} allowed
   * @param {boolean} heights
   * @returns {uPlot.Options}
   */
  #options(one, speeds, allowed, heights) {
    const most = Math.max(1, ...speeds.filter((value) => value !== null));
    const powers = allowed !== null && allowed > LOG_SCALE_FROM * most;
    const top = 1.25 * Math.max(most, allowed ?? 0);
    const [text, grid] = [colour("muted"), colour("line")];
    const axis = {
      stroke: text,
      font: FONT,
      grid: { stroke: grid, width: 1 },
      ticks: { stroke: grid, width: 1, size: 4 },
    };
    const paid_s = Date.parse(one.timestamp) / 1000;
    return {
      width: this.#width(),
      height: this.#height,
      cursor: { y: false, drag: { x: false, y: false } },
      padding: [16, 26, 0, 0],
      scales: {
        x: { time: true, range: ({ data: [times] }) => spanOf(times, paid_s) },
        kmh: { distr: powers ? 4 : 1, range: [0, top] },
        m: {},
      },
      axes: [
        { ...axis, size: 28, values: (_, moments) => moments.map((at_s) => local(1000 * at_s).slice(-8)), space: 78 },
        {
          ...axis,
          scale: "kmh",
          size: 62,
          ...(powers ? { splits: () => powersUntil(top), filter: (_, values) => values } : {}),
          label: "speed, km/h",
          labelSize: 16,
          labelFont: FONT,
          values: (_, values) => values.map((value) => (value === null || (powers && value === 1) ? "" : count(value))),
        },
        {
          ...axis,
          scale: "m",
          side: 1,
          size: 48,
          show: heights,
          label: "altitude, m",
          labelSize: 16,
          labelFont: FONT,
          grid: { show: false },
        },
      ],
      series: seriesOf(heights),
      hooks: { draw: [(plot) => this.#mark(plot, paid_s)] },
    };
  }

  /**
   * Draws the time of the payment and the time of the replay.
   * @param {uPlot} plot
   * @param {number} paid_s
   */
  #mark(plot, paid_s) {
    drawTimeCursor(plot, paid_s, colour("place"), "payment");
    if (Number.isFinite(this.#at_s)) drawTimeCursor(plot, this.#at_s, colour("text"), "");
  }
}

/**
 * Returns 0, 1, 10, 100 and so on.
 * @param {number} top
 */
function powersUntil(top) {
  return [0, ...Array.from({ length: Math.ceil(Math.log10(top)) }, (_, power) => 10 ** power)];
}

/**
 * @param {boolean} heights
 * @returns {uPlot.Series[]}
 */
function seriesOf(heights) {
  /** @type {uPlot.Series[]} */
  const series = [
    { label: "time", value: (_, at_s) => (at_s === null ? "–" : local(1000 * at_s)) },
    {
      label: "speed",
      scale: "kmh",
      stroke: colour("phone"),
      width: 1.5,
      points: { size: 4 },
      value: (_, value) => (value === null ? "–" : speed(value / 3.6)),
    },
    {
      label: "allowed",
      scale: "kmh",
      stroke: colour("reach"),
      width: 1.5,
      dash: [6, 4],
      points: { show: false },
      value: (_, value) => (value === null ? "–" : speed(value / 3.6)),
    },
    {
      label: "altitude",
      scale: "m",
      stroke: colour("muted"),
      width: 1,
      points: { show: false },
      value: (_, value) => (value === null ? "–" : `${count(value)} m`),
    },
  ];
  return series.slice(0, heights ? 4 : 3);
}

/**
 * Returns the range of the time axis with a margin. Without it, uPlot would show a whole day for a single time.
 * @param {ArrayLike<number>} times
 * @param {number} paid_s
 * @returns {[number, number]}
 */
function spanOf(times, paid_s) {
  const [first, last] = [Math.min(times[0] ?? paid_s, paid_s), Math.max(times[times.length - 1] ?? paid_s, paid_s)];
  const margin = Math.max(2, 0.02 * (last - first));
  return [first - margin, last + margin];
}

/**
 * @param {Case} one
 * @param {Values} speeds
 */
function description(one, speeds) {
  const most = speeds.reduce(
    (/** @type {number | null} */ top, value) => (value === null ? top : Math.max(top ?? 0, value)),
    null,
  );
  const phone = most === null ? "The phone reported no speed" : `The phone went at most ${count(most)} km/h`;
  const needed =
    one.implied_speed_mps === null ? "" : `; the payment would have needed ${speed(one.implied_speed_mps)}`;
  const allowed = one.allowed_speed_mps === null ? "" : `, ${speed(one.allowed_speed_mps)} is allowed`;
  return `Chart: ${phone}${needed}${allowed}.`;
}
