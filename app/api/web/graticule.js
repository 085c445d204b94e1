/**
 * Lines of latitude and longitude, denser with higher zoom. The densest lines are the grid to which phone positions are
 * rounded, so that the analyst sees how coarse they are.
 */

import * as L from "/lib/leaflet.js";

const STEPS_DEG = [30, 10, 5, 1, 0.5, 0.1, 0.05, 0.01];
const APART_PX = 90;
const LINES_MAX = 60;

export class Graticule {
  #map;
  #layer;

  /** @param {L.Map} map */
  constructor(map) {
    this.#map = map;
    this.#layer = L.layerGroup().addTo(map);
    map.on("moveend zoomend resize", () => this.draw());
  }

  draw() {
    this.#layer.clearLayers();
    const bounds = this.#map.getBounds().pad(0.2);
    const width_px = this.#map.getSize().x;
    if (width_px === 0) return;
    const wanted_deg = (APART_PX * (this.#map.getBounds().getEast() - this.#map.getBounds().getWest())) / width_px;
    const step_deg = STEPS_DEG.findLast((step) => step >= wanted_deg) ?? 30;
    const [south, north] = [Math.max(-85, bounds.getSouth()), Math.min(85, bounds.getNorth())];
    const [west, east] = [bounds.getWest(), bounds.getEast()];
    for (const lat of multiples(south, north, step_deg))
      this.#line([
        [lat, west],
        [lat, east],
      ]);
    for (const lon of multiples(west, east, step_deg))
      this.#line([
        [south, lon],
        [north, lon],
      ]);
  }

  /** @param {[number, number][]} ends */
  #line(ends) {
    L.polyline(ends, { className: "graticule", pane: "grid", interactive: false, weight: 1 }).addTo(this.#layer);
  }
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} step
 */
function multiples(from, to, step) {
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step);
  return last - first > LINES_MAX ? [] : Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}
