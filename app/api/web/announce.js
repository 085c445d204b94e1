/** Says what happened to who cannot see it: politely, and not more often than one can listen. */

const APART_MS = 4_000;

/** @type {string | null} */
let waiting = null;
let quietUntil = 0;

/** @param {string} sentence */
export function announce(sentence) {
  const busy = waiting !== null;
  waiting = sentence;
  if (!busy) setTimeout(say, Math.max(0, quietUntil - Date.now()));
}

function say() {
  const region = document.getElementById("announcements");
  if (region !== null && waiting !== null) region.textContent = waiting;
  waiting = null;
  quietUntil = Date.now() + APART_MS;
}
