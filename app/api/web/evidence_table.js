/**
 * The values behind a verdict, with units.
 *
 * @import {Case, FixEvidence} from "./types.d.ts"
 */

import { reachOf } from "./case_map.js";
import { h } from "./element.js";
import { brief, degrees, duration, metres, money, speed, UNKNOWN } from "./format.js";
import { REASONS } from "./reasons.js";
import { timeElement } from "./time.js";
import { countryOf } from "./countries.js";

/**
 * @typedef {[string | null, Node | string | null]} Line name and value of a row; null as the value leaves the row out
 * @param {Case} one
 */
export function evidenceTable(one) {
  return h(
    "table",
    { class: "evidence" },
    h("caption", { class: "visually-hidden" }, "Evidence"),
    part("Payment", payment(one)),
    part("Phone", phone(one)),
    part("Decision", decision(one)),
    part(
      "Reasons",
      one.codes.map((code) => [null, withNote(asSentence(REASONS[code] ?? code), code)]),
    ),
    part("Cardholder", cardholder(one)),
  );
}

/** @param {Case} one @returns {Line[]} */
function payment(one) {
  return [
    ["time", timeElement(one.timestamp)],
    ["amount", money(one.amount, one.currency)],
    ["merchant", [one.merchant, one.merchant_category].filter((part) => part !== null).join(", ") || null],
    ["place", one.place === null ? "unknown" : placeText(one.place.lat, one.place.lon, degrees(one.place))],
    ["made with", [one.transaction_type, one.transaction_device].filter((part) => part !== null).join(", ") || null],
    ["transaction", one.transaction_id],
  ];
}

/** @param {Case} one @returns {Line[]} */
function phone(one) {
  return [
    ["before the payment", one.fix_before === null ? "no report" : fixText(one.fix_before)],
    [
      "after the payment",
      one.fix_after === null ? (one.status === "final" ? "no report" : "no report yet") : fixText(one.fix_after),
    ],
  ];
}

/** @param {Case} one @returns {Line[]} */
function decision(one) {
  const parts = one.risk_parts;
  return [
    [
      "distance",
      withNote(
        metres(one.distance_m),
        one.least_distance_m === null ? "" : `at least ${metres(one.least_distance_m)} with all errors`,
      ),
    ],
    ["time between", duration(one.elapsed_s)],
    ["within reach", metres(reachOf(one))],
    ["speed needed", exactSpeed(one.implied_speed_mps)],
    ["speed allowed", exactSpeed(one.allowed_speed_mps)],
    ["speed reported", exactSpeed(one.reported_speed_mps)],
    [
      "other payment",
      one.other_payment === null
        ? null
        : `${metres(one.other_payment.distance_m)} away, ${duration(one.other_payment.elapsed_s)} earlier; ${metres(one.other_payment.reach_m)} within reach`,
    ],
    [
      "risk",
      parts === null
        ? String(one.risk)
        : withNote(
            `${one.risk} of 100`,
            `contradiction ${parts.contradiction}, evidence ${parts.evidence}, amount ${parts.amount}, repetition ${parts.repetition}`,
          ),
    ],
    [
      "episode",
      one.episode_number === null
        ? null
        : withNote(`suspect no. ${one.episode_number}`, `highest risk so far ${one.episode_severity ?? UNKNOWN}`),
    ],
    ["rule", `${one.rule.name} ${one.rule.version}, ${one.rule.preset}`],
  ];
}

/** @param {Case} one @returns {Line[]} */
function cardholder(one) {
  return [
    ["card", withNote(`•••• ${one.card_last4}`, tokenLink(one.card_token))],
    ["cardholder", one.user_token === null ? null : tokenLink(one.user_token)],
    ["phone", tokenLink(one.device_token)],
  ];
}

/**
 * @param {string} title
 * @param {Line[]} lines
 */
function part(title, lines) {
  const rows = lines.filter(([, value]) => value !== null).map(row);
  return h("tbody", {}, h("tr", { class: "part" }, h("th", { scope: "rowgroup", colspan: 2 }, title)), rows);
}

/** @param {Line} line */
function row([name, value]) {
  return name === null
    ? h("tr", {}, h("td", { colspan: 2 }, value))
    : h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value));
}

/** @param {FixEvidence} fix */
function fixText(fix) {
  const place = `${fix.latitude.toFixed(2)}, ${fix.longitude.toFixed(2)}`;
  const accuracy =
    fix.horizontal_accuracy_m === null ? "accuracy unknown" : `accuracy ${metres(fix.horizontal_accuracy_m)}`;
  const moving = fix.speed_mps === null ? "speed unknown" : speed(fix.speed_mps);
  return h(
    "span",
    {},
    timeElement(fix.at),
    h("span", { class: "beside" }, placeText(fix.latitude, fix.longitude, place), `, ${accuracy}, ${moving}`),
  );
}

/**
 * Returns coordinates, and adds the country once the map is loaded.
 * @param {number} lat
 * @param {number} lon
 * @param {string} text
 */
function placeText(lat, lon, text) {
  const country = h("span", {});
  countryOf([lat, lon]).then(
    (name) => (country.textContent = name === null ? ", on a coast or at sea" : `, ${name}`),
    () => null,
  );
  return h("span", {}, text, country);
}

/** @param {number | null} speed_mps */
function exactSpeed(speed_mps) {
  if (speed_mps === null) return UNKNOWN;
  return withNote(speed(speed_mps), `${speed_mps.toLocaleString("en", { maximumFractionDigits: 1 })} m/s`);
}

/**
 * @param {string} text
 * @param {Node | string} note
 */
function withNote(text, note) {
  return h("span", {}, text, note === "" ? null : h("span", { class: "beside" }, note));
}

/** @param {string} words */
function asSentence(words) {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/** @param {string} token */
function tokenLink(token) {
  return h("a", { href: `/search?token=${encodeURIComponent(token)}`, title: token }, brief(token));
}
