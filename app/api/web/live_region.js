/** Announcements for screen readers, at most one every few seconds. A newer one replaces one that is pending. */

const INTERVAL_MS = 4_000;

/** @type {string | null} */
let pending = null;
let quietUntil = 0;

/** @param {string} message */
export function announce(message) {
  const busy = pending !== null;
  pending = message;
  if (!busy) setTimeout(speak, Math.max(0, quietUntil - Date.now()));
}

function speak() {
  const region = document.getElementById("announcements");
  if (region !== null && pending !== null) region.textContent = pending;
  pending = null;
  quietUntil = Date.now() + INTERVAL_MS;
}
