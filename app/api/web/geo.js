/**
 * Positions and distances on the globe, in degrees and metres.
 * @typedef {[number, number]} LatLon
 */

const EARTH_RADIUS_M = 6_371_009;
const RADIANS = Math.PI / 180;

/**
 * Returns the longitude plus a multiple of 360, within 180 degrees of `reference`, so that a line between them is short.
 * @param {number} longitude
 * @param {number} reference
 */
export function near(longitude, reference) {
  return longitude - 360 * Math.round((longitude - reference) / 360);
}

/**
 * Returns the metres along a great circle.
 * @param {LatLon} from
 * @param {LatLon} to
 */
export function distance(from, to) {
  const [lat1, lat2] = [from[0] * RADIANS, to[0] * RADIANS];
  const half_lat = Math.sin((lat2 - lat1) / 2);
  const half_lon = Math.sin(((to[1] - from[1]) * RADIANS) / 2);
  const chord = half_lat ** 2 + Math.cos(lat1) * Math.cos(lat2) * half_lon ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/**
 * Returns whether a position lies inside a ring of [longitude, latitude] pairs.
 * @param {LatLon} place
 * @param {number[][]} ring
 */
export function isInside([lat, lon], ring) {
  let inside = false;
  for (let here = 0, before = ring.length - 1; here < ring.length; before = here++) {
    const [x1 = 0, y1 = 0] = ring[here] ?? [];
    const [x2 = 0, y2 = 0] = ring[before] ?? [];
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}
