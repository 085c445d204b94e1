/**
 * Keyboard shortcuts. They are off in text fields, and for keys that the browser or the focused element handles.
 *
 * @import {View} from "./router.js"
 */

import { showHelp } from "./help.js";
import { back, visit } from "./router.js";

/** @param {() => View | null} current */
export function bindKeys(current) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") !== null) return;
    if (isTyping(event)) return;
    const action = current()?.keys[event.key] ?? GLOBAL_KEYS[event.key];
    if (action === undefined || current()?.title === "Log in" || isHandledByElement(event)) return;
    event.preventDefault();
    action();
  });
}

/** @type {Record<string, () => void>} */
const GLOBAL_KEYS = { "/": () => visit("/search"), "?": showHelp, Escape: back };

/** @param {KeyboardEvent} event */
function isTyping(event) {
  const target = event.target instanceof HTMLElement ? event.target : null;
  const field = target?.closest("input, textarea, select") ?? null;
  if (field === null) return false;
  if (event.key === "Escape") target?.blur();
  return !(field instanceof HTMLInputElement && field.type === "radio" && "fnu".includes(event.key));
}

/** Whether the focused element handles the key: Enter on links and buttons, Space on buttons. @param {KeyboardEvent} event */
function isHandledByElement(event) {
  const handlers = { Enter: "a, button, summary, input", " ": "button, summary, input" }[event.key];
  return handlers !== undefined && event.target instanceof HTMLElement && event.target.closest(handlers) !== null;
}
