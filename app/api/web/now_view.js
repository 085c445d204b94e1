/**
 * Now: suspects as they come, how the service is doing, and the chosen case beside them.
 *
 * @import {Me, View} from "./types.d.ts"
 * @import {Desk, News} from "./desk.js"
 * @import {Order} from "./ledger.js"
 */

import { CaseList, ROWS_MAX } from "./case_list.js";
import { h, write } from "./element.js";
import { count } from "./format.js";
import { conflated } from "./frame.js";
import { PeopleCard } from "./people_card.js";
import { Preview } from "./preview.js";
import { Tiles } from "./tiles.js";

const ORDER_KEY = "geovelocity-order";

/** @implements {View} */
export class NowView {
  title = "Now";
  #desk;
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
    this.#orderButton("gravest", "Gravest"),
  );
  #summary = h("p", { class: "muted summary" });
  #more = h("a", { class: "more", href: "/search?sort=gravest", hidden: true });
  #empty = h("p", { class: "empty" });
  /** @type {Map<string, News>} */
  #news = new Map();
  #draw = conflated(() => this.#show());
  #listening = new AbortController();
  element;

  /**
   * @param {Me} me
   * @param {Desk} desk
   */
  constructor(me, desk) {
    this.#desk = desk;
    this.#preview = new Preview(me, desk);
    this.#list.shows = () => this.#preview.isVisible;
    this.#list.onchoose = (id) => {
      desk.chosen = id;
      this.#preview.show(desk.ledger.get(id));
    };
    const head = h("div", { class: "list-head" }, h("h1", {}, "Suspects"), this.#summary, this.#more, this.#orders);
    const board = h("div", { class: "board" }, this.#tiles.element, this.#people.element);
    const list = h("section", { class: "list", "aria-label": "Suspects" }, head, this.#empty, this.#list.element);
    this.element = h("div", { class: "now" }, board, h("div", { class: "split" }, list, this.#preview.element));
    const { signal } = this.#listening;
    desk.addEventListener("cases", (event) => this.#came(/** @type {CustomEvent} */ (event).detail), { signal });
    desk.addEventListener("pulse", () => this.#beat(), { signal });
    for (const pulse of desk.pulses) this.#tiles.show(pulse);
    this.#showOrder();
    this.#draw();
  }

  keys = {
    j: () => this.#list.move(1),
    k: () => this.#list.move(-1),
    Enter: () => this.#list.open(),
    f: () => this.#preview.judge("fraud"),
    n: () => this.#preview.judge("not_fraud"),
    u: () => this.#preview.judge("unsure"),
    " ": () => this.#preview.toggle(),
    g: () => this.#sort(this.#order === "newest" ? "gravest" : "newest"),
  };

  open() {
    void this.#desk.recall();
  }

  close() {
    this.#listening.abort();
    this.#preview.close();
  }

  /** @param {Map<string, News>} news */
  #came(news) {
    for (const [id, why] of news) if (this.#news.get(id) !== "fresh") this.#news.set(id, why);
    this.#draw();
  }

  #beat() {
    if (this.#desk.pulse !== null) this.#tiles.show(this.#desk.pulse);
    this.#draw();
  }

  #show() {
    const { ledger, judged, hello, pulse, leftOut } = this.#desk;
    this.#list.show(ledger.sorted(this.#order), judged, this.#news);
    this.#news.clear();
    if (hello !== null) this.#people.rule(hello);
    if (pulse !== null) this.#people.show(pulse.people);
    const suspects = ledger.suspects;
    const parts = [
      suspects === 1 ? "1 suspect" : `${count(suspects)} suspects`,
      suspects < ledger.size ? `${count(ledger.size - suspects)} taken back` : null,
      ROWS_MAX < ledger.size ? `${ROWS_MAX} shown` : null,
    ];
    write(this.#summary, ledger.size === 0 ? "" : parts.filter((part) => part !== null).join(", "));
    this.#more.hidden = leftOut === 0;
    write(this.#more, `${count(leftOut)} more came faster than one can read: search`);
    this.#empty.hidden = ledger.size > 0;
    write(
      this.#empty,
      pulse === null ? "Waiting for the first news…" : `No suspects. ${count(pulse.judged)} payments were judged.`,
    );
    if (this.#list.chosen !== null) this.#preview.show(ledger.get(this.#list.chosen));
    else if (this.#desk.chosen !== null) this.#list.reveal(this.#desk.chosen);
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
