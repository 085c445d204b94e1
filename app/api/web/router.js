/**
 * Addresses and views. A link within the page changes the view without loading the page again.
 *
 * @typedef {object} View content of the page at one address
 * @property {HTMLElement} element
 * @property {string} title
 * @property {Record<string, () => void>} keys action of each key
 * @property {() => void} open called when the element is in the document
 * @property {() => void} close
 */

/** @type {(url: URL) => void} */
let navigate = () => {};

/** @param {string} address */
export function visit(address) {
  history.pushState({ fromHere: true }, "", address);
  navigate(new URL(location.href));
}

/** Goes back where the previous address was in this page; otherwise goes to the start. */
export function back() {
  if (history.state?.fromHere) history.back();
  else visit("/");
}

/**
 * Changes the address of the current view without a new history entry.
 * @param {string} address
 */
export function replaceAddress(address) {
  history.replaceState(history.state, "", address);
}

/** @param {(url: URL) => void} handler receives every address, also the first one */
export function startRouting(handler) {
  navigate = handler;
  addEventListener("popstate", () => handler(new URL(location.href)));
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (link === null || !plain || link.origin !== location.origin || link.hasAttribute("download")) return;
    if (link.target !== "" || link.getAttribute("href")?.startsWith("#")) return;
    event.preventDefault();
    visit(link.pathname + link.search);
  });
  handler(new URL(location.href));
}
