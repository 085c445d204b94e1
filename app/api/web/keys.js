/**
 * The keyboard. Keys are left alone where one writes, and where the browser has a meaning for them.
 *
 * @import {View} from "./types.d.ts"
 */

import { showHelp } from "./help.js";
import { back, visit } from "./router.js";

/** @param {() => View | null} current */
export function bindKeys(current) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") !== null) return;
    if (isWriting(event)) return;
    const action = current()?.keys[event.key] ?? EVERYWHERE[event.key];
    if (action === undefined || current()?.title === "Log in" || isTaken(event)) return;
    event.preventDefault();
    action();
  });
}

/** @type {Record<string, () => void>} */
const EVERYWHERE = { "/": () => visit("/search"), "?": showHelp, Escape: back };

/** @param {KeyboardEvent} event */
function isWriting(event) {
  const target = event.target instanceof HTMLElement ? event.target : null;
  const field = target?.closest("input, textarea, select") ?? null;
  if (field === null) return false;
  if (event.key === "Escape") target?.blur();
  return !(field instanceof HTMLInputElement && field.type === "radio" && "fnu".includes(event.key));
}

/** Enter belongs to the link or button that has the focus, Space to the button. @param {KeyboardEvent} event */
function isTaken(event) {
  const takers = { Enter: "a, button, summary, input", " ": "button, summary, input" }[event.key];
  return takers !== undefined && event.target instanceof HTMLElement && event.target.closest(takers) !== null;
}
