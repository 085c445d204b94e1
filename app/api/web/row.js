/**
 * A row of a list. It is updated in place, so that focus and scroll position stay.
 *
 * @import {Case, Disposition} from "./types.d.ts"
 */

import { Badges, RiskMark } from "./badge.js";
import { h, setText } from "./element.js";
import { money } from "./format.js";
import { setTime } from "./time.js";

export class Row {
  #risk = new RiskMark();
  #badges = new Badges();
  #time = h("time");
  #amount = h("span", { class: "amount" });
  #merchant = h("span", { class: "merchant" });
  #card = h("span", { class: "card-number" });
  #reason = h("p", { class: "reason" });
  link = h("a", { class: "opens" }, this.#amount);
  element = h(
    "li",
    { class: "row" },
    this.#risk.element,
    h("div", { class: "first" }, this.#time, this.link, this.#merchant, this.#card, this.#badges.element),
    this.#reason,
  );
  #revision = 0;

  /** @param {Case} one */
  constructor(one) {
    this.element.addEventListener("animationend", () => this.element.classList.remove("fresh", "revised"));
    this.element.dataset.id = one.id;
    this.link.href = `/case/${encodeURIComponent(one.id)}`;
    this.show(one);
  }

  /** @param {Case} one */
  show(one) {
    if (this.#revision === one.revision) return;
    this.#revision = one.revision;
    this.element.dataset.revision = String(one.revision);
    this.element.classList.toggle("taken-back", one.verdict !== "suspect");
    this.#risk.show(one);
    this.#badges.show(one);
    setTime(this.#time, one.timestamp);
    setText(this.#amount, money(one.amount, one.currency));
    setText(this.#merchant, [one.merchant, one.merchant_category].filter((part) => part !== null).join(" · "));
    setText(this.#card, `•••• ${one.card_last4}`);
    setText(this.#reason, one.reason);
  }

  /** @param {Disposition | undefined} disposition undefined: no feedback */
  setDisposition(disposition) {
    this.#badges.setDisposition(disposition);
  }

  /** @param {"fresh" | "revised"} change */
  highlight(change) {
    this.element.classList.remove("fresh", "revised");
    requestAnimationFrame(() => this.element.classList.add(change));
  }

  /** @param {boolean} chosen */
  choose(chosen) {
    this.element.classList.toggle("chosen", chosen);
    if (chosen) this.link.setAttribute("aria-current", "true");
    else this.link.removeAttribute("aria-current");
  }
}
