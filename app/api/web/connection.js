/**
 * Whether what stands on the page is what is true now, said in words.
 *
 * @import {Stream, State} from "./stream.js"
 */

import { announce } from "./announce.js";
import { get } from "./api.js";
import { h, write } from "./element.js";
import { local } from "./time.js";

/** @type {Record<State, string>} */
const WORDS = { connecting: "Connecting", live: "Live", broken: "Reconnecting", lost: "Not connected" };

export class Connection {
  #words = h("span", {}, WORDS.connecting);
  pill = h(
    "span",
    { class: "pill", role: "status", "data-state": "connecting" },
    h("span", { class: "dot", "aria-hidden": "true" }),
    this.#words,
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
    stream.addEventListener("refused", () => void get("/api/me").catch(() => null)); // a login that ended is told at the door
  }

  #show() {
    const { state, heardAt } = this.#stream;
    if (this.pill.dataset.state === "lost" && state === "live") announce("Connected again.");
    this.pill.dataset.state = state;
    write(this.#words, WORDS[state]);
    this.banner.hidden = state === "live" || state === "connecting";
    this.banner.dataset.state = state;
    const since = local(heardAt);
    write(
      this.#text,
      state === "lost"
        ? `No longer connected since ${since}: what you see is from then. The page goes on trying.`
        : `The connection broke at ${since}. Trying again; nothing is lost meanwhile.`,
    );
  }
}
