/**
 * The countries of the world: Natural Earth data of the package world-atlas, fetched once from this server.
 *
 * @import {Feature, FeatureCollection, MultiPolygon, Polygon} from "geojson"
 * @import {LatLon} from "./geo.js"
 * @typedef {FeatureCollection<Polygon | MultiPolygon, {name: string}>} Countries
 */

import "/lib/topojson-client.js";
import { get } from "./api.js";
import { isInside } from "./geo.js";

/** @type {Promise<Countries> | null} */
let fetched = null;

/** @returns {Promise<Countries>} */
export function countries() {
  fetched ??= get("/lib/countries-50m.json").then(
    (topology) => /** @type {any} */ (globalThis).topojson.feature(topology, topology.objects.countries),
    (error) => {
      fetched = null; // the next call tries again
      throw error;
    },
  );
  return fetched;
}

/**
 * Returns the name of the country at a position, or null at sea.
 * @param {LatLon} place
 */
export async function countryOf(place) {
  const world = await countries();
  const lon = place[1] - 360 * Math.round(place[1] / 360);
  return world.features.find((one) => covers(one, [place[0], lon]))?.properties.name ?? null;
}

/**
 * @param {Feature<Polygon | MultiPolygon>} country
 * @param {LatLon} place
 */
function covers({ geometry }, place) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  return polygons.some(
    ([shore = [], ...lakes]) => isInside(place, shore) && !lakes.some((lake) => isInside(place, lake)),
  );
}
