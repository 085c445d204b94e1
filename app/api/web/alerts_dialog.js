/** Who is told of grave suspects, and a button that tries it. */

import { get, post, sentence } from "./api.js";
import { h } from "./element.js";

/**
 * @typedef {{name: string, target: string}} Channel
 * @typedef {{channel: string, ok: boolean, detail: string}} Result
 */

const NONE = "No channel is set up: the README says how (GEOVELOCITY_ALERT_…).";
const content = h("div", { class: "channels" });
const button = h("button", { type: "button", class: "primary", click: () => void test() }, "Send a test to all");
const dialog = h(
  "dialog",
  { "aria-labelledby": "alerts-title" },
  h("h2", { id: "alerts-title" }, "Alerts"),
  content,
  h("form", { method: "dialog", class: "buttons" }, button, h("button", {}, "Close")),
);

export async function showAlerts() {
  if (!dialog.isConnected) document.body.append(dialog);
  content.replaceChildren("Loading…");
  button.hidden = true;
  dialog.showModal();
  try {
    /** @type {{channels: Channel[]}} */
    const { channels } = await get("/api/alerts");
    button.hidden = channels.length === 0;
    content.replaceChildren(channels.length === 0 ? NONE : table(channels.map((one) => [one.name, one.target])));
  } catch (error) {
    content.replaceChildren(sentence(error));
  }
}

async function test() {
  button.disabled = true;
  try {
    /** @type {{results: Result[]}} */
    const { results } = await post("/api/alerts/test", {});
    content.replaceChildren(
      table(results.map((one) => [one.channel, `${one.ok ? "told" : "not told"}: ${one.detail}`])),
    );
  } catch (error) {
    content.append(h("p", { class: "said wrong", role: "alert" }, sentence(error)));
  } finally {
    button.disabled = false;
  }
}

/** @param {string[][]} lines */
function table(lines) {
  return h(
    "table",
    { class: "evidence" },
    lines.map(([name, text]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, text))),
  );
}
