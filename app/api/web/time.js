/** Times: shown in local time, with UTC as the title. */

import { h, setText } from "./element.js";

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short" });
const zone = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" });

/**
 * Returns the time of day, with the date before it unless it is today.
 * @param {string | number} moment RFC 3339, or milliseconds
 */
export function local(moment) {
  const date = new Date(moment);
  const text = clock.format(date);
  return date.toDateString() === new Date().toDateString() ? text : `${day.format(date)} ${text}`;
}

/** @param {string | number} moment */
export function utc(moment) {
  return `${new Date(moment)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "")} UTC`;
}

/** Returns the name of the local time zone. */
export function zoneName() {
  return zone.formatToParts(new Date()).find((part) => part.type === "timeZoneName")?.value ?? "local time";
}

/** @param {string} moment */
export function timeElement(moment) {
  const element = h("time");
  setTime(element, moment);
  return element;
}

/**
 * @param {HTMLTimeElement} element
 * @param {string} moment
 */
export function setTime(element, moment) {
  if (element.dateTime === moment) return;
  element.dateTime = moment;
  element.title = utc(moment);
  setText(element, local(moment));
}
