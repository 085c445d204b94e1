/**
 * An empty world map: land, borders, graticule and scale. Other modules draw the case on it.
 */

import * as L from "/lib/leaflet.js";
import { Graticule } from "./graticule.js";
import { colour, theme } from "./theme.js";
import { countries } from "./countries.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");

export class WorldMap {
  #sizes;
  #recolour = () => this.#land?.setStyle(landStyle());
  /** @type {L.GeoJSON | null} */
  #land = null;

  /** @param {HTMLElement} element in the document, with its final size */
  constructor(element) {
    this.map = L.map(element, {
      attributionControl: false,
      fadeAnimation: false,
      zoomAnimation: !still.matches,
      zoomSnap: 0.25,
      minZoom: 0.75,
      maxZoom: 15,
      zoomControl: false,
    });
    this.map.createPane("land").style.zIndex = "200";
    this.map.createPane("grid").style.zIndex = "250";
    this.map.setView([25, 10], 1.5);
    L.control.zoom({ position: "bottomright" }).addTo(this.map);
    L.control.scale({ imperial: false, maxWidth: 110 }).addTo(this.map);
    new Graticule(this.map).draw();
    this.#sizes = new ResizeObserver(() => this.map.invalidateSize({ animate: false }));
    this.#sizes.observe(element);
    theme.addEventListener("change", this.#recolour);
    void this.#drawLand(element);
  }

  close() {
    this.#sizes.disconnect();
    theme.removeEventListener("change", this.#recolour);
    this.map.remove();
    this.#land = null;
  }

  /** @param {HTMLElement} element */
  async #drawLand(element) {
    const world = await countries().catch(() => null);
    if (world === null || !element.isConnected) return; // a map without land still has its lines
    const renderer = L.canvas({ padding: 0.4, pane: "land" });
    const options = { renderer, pane: "land", interactive: false, smoothFactor: 0.8, style: landStyle() };
    this.#land = L.geoJSON(world, /** @type {L.GeoJSONOptions} */ (options)).addTo(this.map);
    element.dataset.land = String(world.features.length);
  }
}

/** @returns {L.PathOptions} */
function landStyle() {
  return { fillColor: colour("land"), fillOpacity: 1, color: colour("border"), weight: 0.8 };
}
