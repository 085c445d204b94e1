/**
 * Who had suspects of high value lately: the continuous query, as a card.
 *
 * @import {Hello, People} from "./types.d.ts"
 */

import { h, write } from "./element.js";
import { brief, count, duration, money, UNKNOWN } from "./format.js";

const SHOWN = 3;

export class PeopleCard {
  #count = h("span", { class: "value" }, UNKNOWN);
  #words = h("span", { class: "under" });
  #top = h("ul", { class: "top" });
  #window = "the last hour";
  element = h(
    "section",
    { class: "people", "aria-label": "People with high-value suspects" },
    h("div", { class: "how-many" }, h("h2", {}, "People with high-value suspects"), this.#count, this.#words),
    this.#top,
  );

  /** @param {Hello} hello */
  rule(hello) {
    const { window_s } = hello.high_value;
    this.#window = window_s === 3600 ? "the last hour" : `the last ${duration(window_s)}`;
  }

  /** @param {People} people */
  show(people) {
    write(this.#count, count(people.count));
    write(this.#words, `of ${count(people.amount)} or more in ${this.#window}`);
    const key = JSON.stringify(people.top);
    if (this.#top.dataset.key === key) return;
    this.#top.dataset.key = key;
    this.#top.replaceChildren(...people.top.slice(0, SHOWN).map(person));
  }
}

/** @param {People["top"][number]} one */
function person(one) {
  const payments = one.payments === 1 ? "1 payment" : `${count(one.payments)} payments`;
  const link = h(
    "a",
    { href: `/search?token=${encodeURIComponent(one.user_token)}`, title: one.user_token },
    brief(one.user_token),
  );
  return h(
    "li",
    {},
    link,
    h("span", { class: "much" }, money(one.amount, one.currency)),
    h("span", { class: "muted" }, payments),
  );
}
