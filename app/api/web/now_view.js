/**
 * The live view: suspects as they happen, service statistics, and a preview of the selected case.
 *
 * @import {UserResponse} from "./types.d.ts"
 * @import {View} from "./router.js"
 * @import {Change, LiveState} from "./live_state.js"
 * @import {Order} from "./case_store.js"
 */

import { CaseList, ROWS_MAX } from "./case_list.js";
import { h, setText } from "./element.js";
import { count } from "./format.js";
import { oncePerFrame } from "./animation_frame.js";
import { PeopleCard } from "./people_card.js";
import { Preview } from "./preview.js";
import { Tiles } from "./tiles.js";

const ORDER_KEY = "geovelocity-order";

/** @implements {View} */
export class NowView {
  title = "Now";
  #state;
  #tiles = new Tiles();
  #people = new PeopleCard();
  #list = new CaseList();
  #preview;
  /** @type {Order} */
  #order = sessionStorage.getItem(ORDER_KEY) === "gravest" ? "gravest" : "newest";
  #orders = h(
    "div",
    { class: "segmented", role: "group", "aria-label": "Order" },
    this.#orderButton("newest", "Newest"),
    this.#orderButton("gravest", "Highest risk"),
  );
  #summary = h("p", { class: "muted summary" });
  #more = h("a", { class: "more", href: "/search?sort=gravest", hidden: true });
  #empty = h("p", { class: "empty" });
  /** @type {Map<string, Change>} */
  #changes = new Map();
  #draw = oncePerFrame(() => this.#show());
  #listeners = new AbortController();
  element;

  /**
   * @param {UserResponse} user
   * @param {LiveState} state
   */
  constructor(user, state) {
    this.#state = state;
    this.#preview = new Preview(user, state);
    this.#list.shows = () => this.#preview.isVisible;
    this.#list.onchoose = (id) => {
      state.chosen = id;
      this.#preview.show(state.store.get(id));
    };
    const head = h("div", { class: "list-head" }, h("h1", {}, "Suspects"), this.#summary, this.#more, this.#orders);
    const board = h("div", { class: "board" }, this.#tiles.element, this.#people.element);
    const list = h("section", { class: "list", "aria-label": "Suspects" }, head, this.#empty, this.#list.element);
    this.element = h("div", { class: "now" }, board, h("div", { class: "split" }, list, this.#preview.element));
    const { signal } = this.#listeners;
    state.addEventListener("cases", (event) => this.#onCases(/** @type {CustomEvent} */ (event).detail), { signal });
    state.addEventListener("pulse", () => this.#onPulse(), { signal });
    for (const pulse of state.pulses) this.#tiles.show(pulse);
    this.#showOrder();
    this.#draw();
  }

  keys = {
    j: () => this.#list.move(1),
    k: () => this.#list.move(-1),
    Enter: () => this.#list.open(),
    f: () => this.#preview.choose("fraud"),
    n: () => this.#preview.choose("not_fraud"),
    u: () => this.#preview.choose("unsure"),
    " ": () => this.#preview.toggle(),
    g: () => this.#sort(this.#order === "newest" ? "gravest" : "newest"),
  };

  open() {
    void this.#state.loadFeedback();
  }

  close() {
    this.#listeners.abort();
    this.#preview.close();
  }

  /** @param {Map<string, Change>} changes */
  #onCases(changes) {
    for (const [id, change] of changes) if (this.#changes.get(id) !== "fresh") this.#changes.set(id, change);
    this.#draw();
  }

  #onPulse() {
    if (this.#state.pulse !== null) this.#tiles.show(this.#state.pulse);
    this.#draw();
  }

  #show() {
    const { store, judged, welcome, pulse, dropped } = this.#state;
    this.#list.show(store.sorted(this.#order), judged, this.#changes);
    this.#changes.clear();
    if (welcome !== null) this.#people.setRule(welcome);
    if (pulse !== null) this.#people.show(pulse.people);
    const suspects = store.suspects;
    const parts = [
      suspects === 1 ? "1 suspect" : `${count(suspects)} suspects`,
      suspects < store.size ? `${count(store.size - suspects)} no longer suspect` : null,
      ROWS_MAX < store.size ? `${ROWS_MAX} shown` : null,
    ];
    setText(this.#summary, store.size === 0 ? "" : parts.filter((part) => part !== null).join(", "));
    this.#more.hidden = dropped === 0;
    setText(this.#more, `${count(dropped)} more suspects arrived and are not shown: search`);
    this.#empty.hidden = store.size > 0;
    setText(
      this.#empty,
      pulse === null ? "Waiting for data…" : `No suspects. ${count(pulse.judged)} payments were judged.`,
    );
    if (this.#list.chosen !== null) this.#preview.show(store.get(this.#list.chosen));
    else if (this.#state.chosen !== null) this.#list.reveal(this.#state.chosen);
    else if (this.#preview.isVisible) this.#list.chooseFirst();
  }

  /**
   * @param {Order} order
   * @param {string} label
   */
  #orderButton(order, label) {
    return h("button", { type: "button", "data-order": order, click: () => this.#sort(order) }, label);
  }

  /** @param {Order} order */
  #sort(order) {
    this.#order = order;
    sessionStorage.setItem(ORDER_KEY, order);
    this.#showOrder();
    this.#draw();
  }

  #showOrder() {
    for (const button of this.#orders.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.order === this.#order));
    }
  }
}
