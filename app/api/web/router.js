/**
 * Which view stands at which address. Links within the page do not load it anew.
 *
 * @import {View} from "./types.d.ts"
 * @typedef {(url: URL) => View} Maker
 */

/** @type {(url: URL) => void} */
let arrive = () => {};

/** @param {string} address */
export function visit(address) {
  history.pushState({ fromHere: true }, "", address);
  arrive(new URL(location.href));
}

/** To where one came from, if that was this page; else to its beginning. */
export function back() {
  if (history.state?.fromHere) history.back();
  else visit("/");
}

/**
 * The same page at another address, without a step back to before.
 * @param {string} address
 */
export function rename(address) {
  history.replaceState(history.state, "", address);
}

/** @param {(url: URL) => void} arrived is told every address, the first one too */
export function startRouting(arrived) {
  arrive = arrived;
  addEventListener("popstate", () => arrived(new URL(location.href)));
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (link === null || !plain || link.origin !== location.origin || link.hasAttribute("download")) return;
    if (link.target !== "" || link.getAttribute("href")?.startsWith("#")) return;
    event.preventDefault();
    visit(link.pathname + link.search);
  });
  arrived(new URL(location.href));
}
