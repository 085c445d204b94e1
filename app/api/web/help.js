/** What the keys do. */

import { h } from "./element.js";

const KEYS = [
  ["j  k", "next, previous case"],
  ["Enter", "open the chosen case"],
  ["Esc", "back to where you came from"],
  ["/", "search"],
  ["f  n  u", "judge: fraud, not fraud, unsure; then Enter saves"],
  ["g", "newest or gravest first"],
  ["Space", "play or pause the replay"],
  ["?", "this help"],
];

const dialog = h(
  "dialog",
  { class: "help", "aria-labelledby": "help-title" },
  h("h2", { id: "help-title" }, "Keys"),
  h(
    "dl",
    {},
    KEYS.flatMap(([keys = "", what = ""]) => [
      h(
        "dt",
        {},
        keys.split("  ").map((key) => h("kbd", {}, key)),
      ),
      h("dd", {}, what),
    ]),
  ),
  h(
    "p",
    { class: "muted" },
    "Times are local; point at one to see it in UTC. Positions of phones are rounded to about a kilometre before they get here.",
  ),
  h("form", { method: "dialog" }, h("button", { class: "primary" }, "Close")),
);

export function showHelp() {
  if (!dialog.isConnected) document.body.append(dialog);
  dialog.showModal();
}
