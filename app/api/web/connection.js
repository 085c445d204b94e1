/**
 * Shows whether the page is up to date, in words.
 *
 * @import {Stream, State} from "./stream.js"
 */

import { get } from "./api.js";
import { h, setText } from "./element.js";
import { announce } from "./live_region.js";
import { local } from "./time.js";

/** @type {Record<State, string>} */
const LABELS = { connecting: "Connecting", live: "Live", broken: "Reconnecting", lost: "Not connected" };

export class Connection {
  #label = h("span", {}, LABELS.connecting);
  pill = h(
    "span",
    { class: "pill", role: "status", "data-state": "connecting" },
    h("span", { class: "dot", "aria-hidden": "true" }),
    this.#label,
  );
  #text = h("span", {});
  banner = h(
    "div",
    { class: "banner", role: "alert", hidden: true },
    this.#text,
    h("button", { type: "button", click: () => this.#stream.retry() }, "Try now"),
  );
  #stream;

  /** @param {Stream} stream */
  constructor(stream) {
    this.#stream = stream;
    stream.addEventListener("state", () => this.#show());
    stream.addEventListener("refused", () => void get("/api/me").catch(() => null)); // a 401 opens the login
  }

  #show() {
    const { state, lastEventAt } = this.#stream;
    if (this.pill.dataset.state === "lost" && state === "live") announce("Reconnected.");
    this.pill.dataset.state = state;
    setText(this.#label, LABELS[state]);
    this.banner.hidden = state === "live" || state === "connecting";
    this.banner.dataset.state = state;
    const since = local(lastEventAt);
    setText(
      this.#text,
      state === "lost"
        ? `Not connected since ${since}: the page shows the state of that time. It keeps trying to reconnect.`
        : `The connection was lost at ${since}. Reconnecting; no data is lost.`,
    );
  }
}
