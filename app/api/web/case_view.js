/**
 * One case, at its own address: sentence, map and chart, evidence, history, others of the same token, the verdict.
 *
 * @import {Case, CaseAnswer, Me, View} from "./types.d.ts"
 * @import {Desk} from "./desk.js"
 */

import { isAbort, sentence } from "./api.js";
import { Badges, RiskMark } from "./badge.js";
import { CaseList } from "./case_list.js";
import { h, write } from "./element.js";
import { evidenceTable } from "./evidence_table.js";
import { Exhibit } from "./exhibit.js";
import { money } from "./format.js";
import { RevisionList } from "./revision_list.js";
import { back } from "./router.js";
import { VerdictForm } from "./verdict_form.js";

/** @implements {View} */
export class CaseView {
  title = "Case";
  #id;
  #desk;
  #risk = new RiskMark();
  #badges = new Badges();
  #heading = h("h1", {}, "Case");
  #reason = h("p", { class: "reason" }, "Loading…");
  #exhibit;
  #evidence = h("div", {});
  #history = new RevisionList();
  #others = new CaseList();
  #noOthers = h("p", { class: "empty" }, "There are none.");
  #form;
  #body;
  #listening = new AbortController();
  #revision = 0;
  element;

  /**
   * @param {Me} me
   * @param {Desk} desk
   * @param {string} id
   */
  constructor(me, desk, id) {
    this.#id = id;
    this.#desk = desk;
    this.#exhibit = new Exhibit(desk, { low: false });
    this.#form = new VerdictForm(me);
    this.#form.onknown = (feedback) => desk.judge(feedback);
    this.#risk.element.hidden = true;
    const head = h(
      "header",
      { class: "case-head" },
      h("button", { type: "button", class: "back", click: back }, "Back"),
      this.#risk.element,
      this.#heading,
      this.#badges.element,
    );
    const others = h("div", {}, this.#noOthers, this.#others.element);
    const left = h(
      "div",
      { class: "left" },
      card("Where and when", this.#exhibit.element),
      card("History", this.#history.element),
      card("Others of the same card, person or phone", others),
    );
    const right = h("div", { class: "right" }, card(null, this.#form.element), card("Evidence", this.#evidence));
    this.#body = h("div", { class: "columns", hidden: true }, left, right);
    this.element = h("article", { class: "case" }, head, this.#reason, this.#body);
    desk.addEventListener("cases", () => this.#look(), { signal: this.#listening.signal });
  }

  keys = {
    f: () => this.#form.choose("fraud"),
    n: () => this.#form.choose("not_fraud"),
    u: () => this.#form.choose("unsure"),
    j: () => this.#others.move(1),
    k: () => this.#others.move(-1),
    Enter: () => this.#others.open(),
    " ": () => this.#exhibit.toggle(),
    Escape: back,
  };

  /** Once the element stands in the page. */
  open() {
    const known = this.#desk.ledger.get(this.#id);
    if (known !== undefined) this.#show(known);
    void this.#load();
  }

  close() {
    this.#listening.abort();
    this.#exhibit.close();
  }

  /** A newer revision came by. */
  #look() {
    const known = this.#desk.ledger.get(this.#id);
    if (known === undefined || known.revision <= this.#revision) return;
    this.#history.add(known);
    this.#show(known);
  }

  /** @param {Case} one */
  #show(one) {
    const first = this.#revision === 0;
    if (one.revision <= this.#revision) return;
    this.#revision = one.revision;
    if (first) {
      this.#body.hidden = false;
      this.#risk.element.hidden = false;
      this.#exhibit.open();
    }
    this.element.dataset.revision = String(one.revision);
    this.#risk.show(one);
    this.#badges.show(one);
    write(this.#heading, `${money(one.amount, one.currency)}${one.merchant === null ? "" : `, ${one.merchant}`}`);
    document.title = `${this.#heading.textContent} · Geovelocity`;
    write(this.#reason, one.reason);
    this.#evidence.replaceChildren(evidenceTable(one));
    this.#exhibit.show(one);
    this.#form.show(one);
    if (!first) this.#flash();
  }

  #flash() {
    this.element.classList.remove("revised");
    requestAnimationFrame(() => this.element.classList.add("revised"));
  }

  async #load() {
    await this.#loadCase();
    if (this.#revision === 0) return;
    void this.#exhibit.load();
    void this.#loadHistory();
  }

  async #loadCase() {
    try {
      /** @type {CaseAnswer} */
      const answer = await this.#desk.ask(this.#id, "", this.#listening.signal);
      this.#show(answer.case);
      this.#form.show(this.#desk.ledger.get(this.#id) ?? answer.case, answer.feedback);
      this.#others.show(answer.others, answer.judged);
      this.#noOthers.hidden = answer.others.length > 0;
    } catch (error) {
      if (!isAbort(error) && this.#revision === 0) write(this.#reason, sentence(error));
    }
  }

  async #loadHistory() {
    try {
      this.#history.read(await this.#desk.ask(this.#id, "/history", this.#listening.signal));
    } catch (error) {
      if (!isAbort(error)) this.#history.fail(sentence(error));
    }
  }
}

/**
 * @param {string | null} title
 * @param {HTMLElement} content
 */
function card(title, content) {
  return h("section", { class: "card" }, title === null ? null : h("h2", {}, title), content);
}
