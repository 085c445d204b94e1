/**
 * Speed and altitude of the phone over time, beside the speed that the payment would have needed and the one that
 * the rule allows.
 *
 * @import {Case, Track} from "./types.d.ts"
 * @typedef {(number | null)[]} Values
 */

import uPlot from "/lib/uplot.js";
import { h } from "./element.js";
import { count, kmh, speed } from "./format.js";
import { colour, theme } from "./theme.js";
import { local } from "./time.js";

const HEIGHT_PX = 200;
const GAP_TIMES = 6;
const GAP_S = 60;
const FAR_ABOVE = 4;
const FONT = "11px system-ui, sans-serif";

export class SpeedChart {
  #plot_box = h("div", { class: "plot" });
  #note = h("p", { class: "note" });
  element = h("figure", { class: "chart", role: "img" }, this.#plot_box, this.#note);
  /** @type {uPlot | null} */
  #plot = null;
  /** @type {{one: Case, track: Track | null} | null} */
  #shown = null;
  #at_s = NaN;
  #redraw = () => this.#shown !== null && this.draw(this.#shown.one, this.#shown.track);
  #sizes = new ResizeObserver(() => this.#plot?.setSize({ width: this.#width(), height: HEIGHT_PX }));

  /** Told the moment, in seconds, that was clicked on. */
  onpick = (/** @type {number} */ _at_s) => {};

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
   * @param {Track | null} track
   */
  draw(one, track) {
    this.#shown = { one, track };
    this.#plot?.destroy();
    this.#plot = null;
    const { times, speeds, altitudes } = readings(one, track);
    this.element.dataset.points = String(times.length);
    this.element.setAttribute("aria-label", spoken(one, speeds));
    if (times.length === 0) {
      this.#note.textContent = "Nothing is known of this phone's speed.";
      return;
    }
    const heights = altitudes.some((one) => one !== null);
    this.#note.textContent = heights ? "" : "The phone did not tell its altitude.";
    const allowed = one.allowed_speed_mps === null ? null : kmh(one.allowed_speed_mps);
    const data = [times, speeds, times.map(() => allowed), altitudes];
    this.#plot = new uPlot(this.#options(one, speeds, allowed, heights), /** @type {any} */ (data), this.#plot_box);
    this.#plot.over.addEventListener("click", () => this.#pick());
  }

  /**
   * Marks a moment of the replay.
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
   * Linear as long as all fits; where the allowed speed lies far above the phone's, in powers of ten.
   * @param {Case} one
   * @param {Values} speeds
   * @param {number | null} allowed
   * @param {boolean} heights
   * @returns {uPlot.Options}
   */
  #options(one, speeds, allowed, heights) {
    const most = Math.max(1, ...speeds.filter((value) => value !== null));
    const powers = allowed !== null && allowed > FAR_ABOVE * most;
    const top = 1.25 * Math.max(most, allowed ?? 0);
    const [text, grid] = [colour("muted"), colour("line")];
    const axis = { stroke: text, font: FONT, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1, size: 4 } };
    const paid_s = Date.parse(one.timestamp) / 1000;
    return {
      width: this.#width(),
      height: HEIGHT_PX,
      cursor: { y: false, drag: { x: false, y: false } },
      padding: [16, 8, 0, 0],
      scales: { x: { time: true, range: (_, from, to) => spanOf(from, to, paid_s) }, kmh: { distr: powers ? 4 : 1, range: [0, top] }, m: {} },
      axes: [
        { ...axis, size: 28, values: (_, moments) => moments.map((at_s) => local(1000 * at_s).slice(-8)), space: 78 },
        { ...axis, scale: "kmh", size: 62, ...(powers ? { splits: () => powersUntil(top), filter: (_, values) => values } : {}), label: "speed, km/h", labelSize: 16, labelFont: FONT, values: (_, values) => values.map((value) => (value === null ? "" : count(value))) },
        { ...axis, scale: "m", side: 1, size: 48, show: heights, label: "altitude, m", labelSize: 16, labelFont: FONT, grid: { show: false } },
      ],
      series: [
        { label: "time", value: (_, at_s) => (at_s === null ? "–" : local(1000 * at_s)) },
        { label: "speed", scale: "kmh", stroke: colour("phone"), width: 1.5, points: { size: 4 }, value: (_, value) => (value === null ? "–" : speed(value / 3.6)) },
        { label: "allowed", scale: "kmh", stroke: colour("reach"), width: 1.5, dash: [6, 4], points: { show: false }, value: (_, value) => (value === null ? "–" : speed(value / 3.6)) },
        { label: "altitude", scale: "m", show: heights, stroke: colour("muted"), width: 1, points: { show: false }, value: (_, value) => (value === null ? "–" : `${count(value)} m`) },
      ],
      hooks: { draw: [(plot) => this.#mark(plot, paid_s)] },
    };
  }

  /**
   * The moment of the payment, and that of the replay.
   * @param {uPlot} plot
   * @param {number} paid_s
   */
  #mark(plot, paid_s) {
    rule(plot, paid_s, colour("place"), "payment");
    if (Number.isFinite(this.#at_s)) rule(plot, this.#at_s, colour("text"), "");
  }
}

/**
 * What the phone said; without a track, what stands in the verdict.
 * @param {Case} one
 * @param {Track | null} track
 */
function readings(one, track) {
  const evidence = [one.fix_before, one.fix_after].flatMap((fix) => (fix === null ? [] : [{ ...fix, altitude_m: null }]));
  const fixes = track !== null && track.fixes.length > 0 ? track.fixes : evidence;
  /** @type {{times: number[], speeds: Values, altitudes: Values}} */
  const read = { times: [], speeds: [], altitudes: [] };
  const longest_s = gapFrom(fixes.map((fix) => Date.parse(fix.at) / 1000));
  for (const fix of fixes) {
    const at_s = Date.parse(fix.at) / 1000;
    const before_s = read.times.at(-1) ?? at_s;
    if (at_s - before_s > longest_s) add(read, (at_s + before_s) / 2, null, null); // no line where nothing was heard
    add(read, at_s, fix.speed_mps === null ? null : kmh(fix.speed_mps), fix.altitude_m);
  }
  return read;
}

/**
 * @param {{times: number[], speeds: Values, altitudes: Values}} read
 * @param {number} at_s
 * @param {number | null} speed
 * @param {number | null} altitude
 */
function add(read, at_s, speed, altitude) {
  read.times.push(at_s);
  read.speeds.push(speed);
  read.altitudes.push(altitude);
}

/**
 * From how long on a silence is one, for a phone that reports as often as this.
 * @param {number[]} times in seconds, in order
 */
function gapFrom(times) {
  const between = times.slice(1).map((at_s, index) => at_s - (times[index] ?? at_s)).sort((one, other) => one - other);
  return Math.max(GAP_S, GAP_TIMES * (between[between.length >> 1] ?? 0));
}

/**
 * 0, 1, 10, 100 and so on.
 * @param {number} top
 */
function powersUntil(top) {
  return [0, ...Array.from({ length: Math.ceil(Math.log10(top)) }, (_, power) => 10 ** power)];
}

/**
 * From a little before to a little after all that is shown.
 * @param {number} from
 * @param {number} to
 * @param {number} paid_s
 * @returns {[number, number]}
 */
function spanOf(from, to, paid_s) {
  const [first, last] = [Math.min(from, paid_s), Math.max(to, paid_s)];
  const margin = Math.max(2, 0.02 * (last - first));
  return [first - margin, last + margin];
}

/**
 * @param {uPlot} plot
 * @param {number} at_s
 * @param {string} stroke
 * @param {string} label
 */
function rule(plot, at_s, stroke, label) {
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(at_s, "x", true));
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.fillStyle = stroke;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textBaseline = "bottom";
  ctx.textAlign = "center";
  ctx.fillText(label, x, bbox.top - 2);
  ctx.restore();
}

/**
 * @param {Case} one
 * @param {Values} speeds
 */
function spoken(one, speeds) {
  const most = speeds.reduce((/** @type {number | null} */ top, value) => (value === null ? top : Math.max(top ?? 0, value)), null);
  const phone = most === null ? "The phone told no speed" : `The phone went at most ${count(most)} km/h`;
  const needed = one.implied_speed_mps === null ? "" : `; the payment would have needed ${speed(one.implied_speed_mps)}`;
  const allowed = one.allowed_speed_mps === null ? "" : `, ${speed(one.allowed_speed_mps)} were allowed`;
  return `Chart: ${phone}${needed}${allowed}.`;
}
