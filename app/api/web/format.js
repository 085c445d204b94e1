/** Numbers with units. Distances have the format of the reason sentences. */

const MPS_TO_KMH = 3.6;
export const UNKNOWN = "–";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en", { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const compact = new Intl.NumberFormat("en", {
  notation: "compact",
  compactDisplay: "long",
  maximumSignificantDigits: 3,
});
const cents = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** @param {number} value */
export const count = (value) => whole.format(value);

/** @param {number | null} distance_m */
export function metres(distance_m) {
  if (distance_m === null) return UNKNOWN;
  if (distance_m < 1000) return `${whole.format(distance_m)} m`;
  return distance_m < 100_000 ? `${tenth.format(distance_m / 1000)} km` : `${whole.format(distance_m / 1000)} km`;
}

/** @param {number} speed_mps */
export const kmh = (speed_mps) => speed_mps * MPS_TO_KMH;

/** @param {number | null} speed_mps */
export function speed(speed_mps) {
  if (speed_mps === null) return UNKNOWN;
  const value = kmh(speed_mps);
  if (value >= 1_000_000) return `${compact.format(value)} km/h`;
  return `${value < 100 ? tenth.format(value) : whole.format(value)} km/h`;
}

/** @param {number | null} elapsed_s */
export function duration(elapsed_s) {
  if (elapsed_s === null) return UNKNOWN;
  if (elapsed_s < 1) return `${whole.format(1000 * elapsed_s)} ms`;
  if (elapsed_s < 10) return `${tenth.format(elapsed_s)} s`;
  if (elapsed_s < 120) return `${whole.format(elapsed_s)} s`;
  return elapsed_s < 7200 ? `${whole.format(elapsed_s / 60)} min` : `${tenth.format(elapsed_s / 3600)} h`;
}

/**
 * Returns an amount with all its digits; it never becomes a float.
 * @param {string} amount
 * @param {string | null} currency
 */
export function money(amount, currency) {
  const exact = /** @type {any} */ (amount); // format accepts decimal strings; the types of ES2023 do not declare it
  return `${cents.format(exact)}${currency === null ? "" : ` ${currency}`}`;
}

/** @param {number} part */
export const percent = (part) => `${tenth.format(100 * part)} %`;

/** @param {number} value */
export const rate = (value) => (value < 100 ? tenth.format(value) : whole.format(value));

/** @param {MerchantLocation} place @import {MerchantLocation} from "./types.d.ts" */
export const degrees = (place) => `${place.lat.toFixed(3)}, ${place.lon.toFixed(3)}`;

/**
 * Returns a short form of a token. The title of the element has all of it.
 * @param {string} token
 */
export function brief(token) {
  const tail = token.slice(token.lastIndexOf("_") + 1);
  return tail.length > 10 ? `${tail.slice(0, 4)}…${tail.slice(-4)}` : tail;
}
