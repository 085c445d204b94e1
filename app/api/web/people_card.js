/**
 * The cardholders with high-value suspects in the window, as a card.
 *
 * @import {TopCardholders, Welcome} from "./types.d.ts"
 */

import { h, setText } from "./element.js";
import { brief, count, duration, money, UNKNOWN } from "./format.js";

const SHOWN = 3;

export class PeopleCard {
  #count = h("span", { class: "value" }, UNKNOWN);
  #words = h("span", { class: "under" });
  #top = h("ul", { class: "top" });
  #window = "the last hour";
  element = h(
    "section",
    { class: "people", "aria-label": "Cardholders with high-value suspects" },
    h("div", { class: "how-many" }, h("h2", {}, "Cardholders with high-value suspects"), this.#count, this.#words),
    this.#top,
  );

  /** @param {Welcome} welcome */
  setRule(welcome) {
    const { window_s } = welcome.high_value;
    this.#window = window_s === 3600 ? "the last hour" : `the last ${duration(window_s)}`;
  }

  /** @param {TopCardholders} people */
  show(people) {
    setText(this.#count, count(people.count));
    setText(this.#words, `of ${count(people.amount)} or more in ${this.#window}`);
    const key = JSON.stringify(people.top);
    if (this.#top.dataset.key === key) return;
    this.#top.dataset.key = key;
    this.#top.replaceChildren(...people.top.slice(0, SHOWN).map(person));
  }
}

/** @param {TopCardholders["top"][number]} one */
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
