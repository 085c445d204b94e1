/** A line without axes: the values of the last minutes. */

import { svg } from "./element.js";

const VALUES_MAX = 120;
const WIDTH = 120;
const HEIGHT = 28;

export class Sparkline {
  /** @type {number[]} */
  #values = [];
  #line = svg("polyline", { fill: "none", "vector-effect": "non-scaling-stroke" });
  #area = svg("polygon", {});
  element = svg(
    "svg",
    { class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    this.#area,
    this.#line,
  );

  /** @param {number} value */
  push(value) {
    this.#values = [...this.#values, value].slice(-VALUES_MAX);
    const top = Math.max(...this.#values, Number.EPSILON);
    const points = this.#values.map((one, index) => {
      const x = WIDTH - (this.#values.length - 1 - index) * (WIDTH / (VALUES_MAX - 1));
      return `${x.toFixed(1)},${(HEIGHT - 2 - (one / top) * (HEIGHT - 4)).toFixed(1)}`;
    });
    this.#line.setAttribute("points", points.join(" "));
    const [first, last] = [points[0]?.split(",")[0], points.at(-1)?.split(",")[0]];
    this.#area.setAttribute("points", `${first},${HEIGHT} ${points.join(" ")} ${last},${HEIGHT}`);
  }
}
