/** Dialog of the alert channels, with a button that sends a test alert. */

import { get, messageOf, post } from "./api.js";
import { h } from "./element.js";

/**
 * @typedef {{name: string, target: string}} Channel
 * @typedef {{channel: string, ok: boolean, detail: string}} Result
 */

const NONE = "No alert channel is configured: set GEOVELOCITY_ALERT_… (see the README).";
const content = h("div", { class: "channels" });
const button = h("button", { type: "button", class: "primary", click: () => void test() }, "Send a test alert");
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
    content.replaceChildren(messageOf(error));
  }
}

async function test() {
  button.disabled = true;
  try {
    /** @type {{results: Result[]}} */
    const { results } = await post("/api/alerts/test", {});
    content.replaceChildren(table(results.map((one) => [one.channel, `${one.ok ? "sent" : "failed"}: ${one.detail}`])));
  } catch (error) {
    content.append(h("p", { class: "said wrong", role: "alert" }, messageOf(error)));
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
