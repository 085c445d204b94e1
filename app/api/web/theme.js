/** The theme: as the system sets it, unless the user chooses light or dark. */

const KEY = "geovelocity-theme";
const NEXT = { auto: "light", light: "dark", dark: "auto" };
const LABELS = { auto: "Theme: system", light: "Theme: light", dark: "Theme: dark" };

/** Dispatches an event `change`, for content that is drawn on a canvas. */
export const theme = new EventTarget();
const system = matchMedia("(prefers-color-scheme: dark)");
system.addEventListener("change", () => theme.dispatchEvent(new Event("change")));

/** @returns {keyof typeof NEXT} */
function chosen() {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "auto";
}

/** @param {HTMLButtonElement} button */
export function bindTheme(button) {
  const show = () => {
    const choice = chosen();
    if (choice === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    button.dataset.choice = choice;
    button.title = LABELS[choice];
    button.setAttribute("aria-label", LABELS[choice]);
  };
  button.addEventListener("click", () => {
    localStorage.setItem(KEY, NEXT[chosen()]);
    show();
    theme.dispatchEvent(new Event("change"));
  });
  show();
}

/**
 * Returns the current colour of a custom property of the style sheet.
 * @param {string} name
 */
export function colour(name) {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
