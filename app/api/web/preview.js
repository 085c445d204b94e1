/**
 * The chosen case beside the list: its sentence, map, chart and the form, without leaving the list.
 *
 * @import {Case, CaseAnswer, Me, Judgement} from "./types.d.ts"
 * @import {Desk} from "./desk.js"
 */

import { isAbort, Refused } from "./api.js";
import { Badges, RiskMark } from "./badge.js";
import { h, write } from "./element.js";
import { Exhibit } from "./exhibit.js";
import { money } from "./format.js";
import { VerdictForm } from "./verdict_form.js";

const REST_MS = 250;
/** Where there is room for it; the style sheet says the same. */
const wide = matchMedia("(min-width: 1040px)");

export class Preview {
  #desk;
  #risk = new RiskMark();
  #badges = new Badges();
  #title = h("a", { class: "opens" });
  #reason = h("p", { class: "reason" });
  #exhibit;
  #form;
  #body;
  #empty = h("p", { class: "empty" }, "Choose a case, by a click or with j and k, to see it here.");
  element;
  #timer = 0;
  #asking = new AbortController();
  #opened = false;
  /** @type {Case | null} */
  #case = null;

  /**
   * @param {Me} me
   * @param {Desk} desk
   */
  constructor(me, desk) {
    this.#desk = desk;
    this.#exhibit = new Exhibit(desk, { low: true });
    this.#form = new VerdictForm(me);
    this.#form.onknown = (feedback) => desk.judge(feedback);
    const head = h("header", {}, this.#risk.element, h("h2", {}, this.#title), this.#badges.element);
    this.#body = h(
      "div",
      { class: "body", hidden: true },
      head,
      this.#reason,
      this.#exhibit.element,
      this.#form.element,
    );
    this.element = h("aside", { class: "preview", "aria-label": "The chosen case" }, this.#empty, this.#body);
  }

  get isVisible() {
    return wide.matches;
  }

  close() {
    clearTimeout(this.#timer);
    this.#asking.abort();
    this.#exhibit.close();
  }

  /** @param {Case | undefined} one */
  show(one) {
    if (!wide.matches) return;
    this.#empty.hidden = one !== undefined;
    this.#body.hidden = one === undefined;
    if (one === undefined || (one.id === this.#case?.id && one.revision === this.#case.revision)) return;
    const same = one.id === this.#case?.id;
    this.#case = one;
    if (!this.#opened) this.#exhibit.open();
    this.#opened = true;
    this.#risk.show(one);
    this.#badges.show(one);
    write(this.#title, `${money(one.amount, one.currency)}${one.merchant === null ? "" : `, ${one.merchant}`}`);
    this.#title.href = `/case/${encodeURIComponent(one.id)}`;
    write(this.#reason, one.reason);
    this.#exhibit.show(one);
    this.#form.show(one);
    if (same) return;
    clearTimeout(this.#timer);
    this.#asking.abort();
    this.#timer = setTimeout(() => this.#load(one), REST_MS); // whoever walks through the list asks for nothing
  }

  /** @param {Case} one */
  #load(one) {
    void this.#exhibit.load();
    void this.#loadFeedback(one);
  }

  /**
   * What an analyst said of it before. Where that cannot be had, the case can be judged all the same.
   * @param {Case} one
   */
  async #loadFeedback(one) {
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    try {
      /** @type {CaseAnswer} */
      const answer = await this.#desk.ask(one.id, "", signal);
      if (!signal.aborted && this.#case?.id === one.id) this.#form.show(this.#case, answer.feedback);
    } catch (error) {
      if (!isAbort(error) && !(error instanceof Refused)) throw error;
    }
  }

  toggle() {
    this.#exhibit.toggle();
  }

  /** @param {Judgement} judgement */
  judge(judgement) {
    if (this.#case !== null && wide.matches) this.#form.choose(judgement);
  }
}
