/** The dialog of the keyboard shortcuts. */

import { h } from "./element.js";

const KEYS = [
  ["j  k", "next, previous case"],
  ["Enter", "open the selected case"],
  ["Esc", "go back"],
  ["/", "search"],
  ["f  n  u", "choose fraud, not fraud or unsure; Enter saves"],
  ["g", "newest or highest risk first"],
  ["Space", "play or pause the replay"],
  ["?", "this help"],
];

const dialog = h(
  "dialog",
  { class: "help", "aria-labelledby": "help-title" },
  h("h2", { id: "help-title" }, "Keyboard shortcuts"),
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
    "Times are local; point at one to see it in UTC. Phone positions are rounded to about one kilometre.",
  ),
  h("form", { method: "dialog" }, h("button", { class: "primary" }, "Close")),
);

export function showHelp() {
  if (!dialog.isConnected) document.body.append(dialog);
  dialog.showModal();
}
