/**
 * The view of one case: reason, map and chart, evidence, history, related suspects and feedback.
 *
 * @import {Case, CaseResponse, UserResponse} from "./types.d.ts"
 * @import {View} from "./router.js"
 * @import {LiveState} from "./live_state.js"
 */

import { isAbort, messageOf } from "./api.js";
import { Badges, RiskMark } from "./badge.js";
import { CaseList } from "./case_list.js";
import { h, setText } from "./element.js";
import { evidenceTable } from "./evidence_table.js";
import { CasePlayer } from "./case_player.js";
import { money } from "./format.js";
import { RevisionList } from "./revision_list.js";
import { back } from "./router.js";
import { VerdictForm } from "./verdict_form.js";

/** @implements {View} */
export class CaseView {
  title = "Case";
  #id;
  #state;
  #risk = new RiskMark();
  #badges = new Badges();
  #heading = h("h1", {}, "Case");
  #reason = h("p", { class: "reason" }, "Loading…");
  #player;
  #evidence = h("div", {});
  #history = new RevisionList();
  #related = new CaseList();
  #noneRelated = h("p", { class: "empty" }, "There are none.");
  #form;
  #body;
  #listeners = new AbortController();
  #revision = 0;
  element;

  /**
   * @param {UserResponse} user
   * @param {LiveState} state
   * @param {string} id
   */
  constructor(user, state, id) {
    this.#id = id;
    this.#state = state;
    this.#player = new CasePlayer(state, { low: false });
    this.#form = new VerdictForm(user);
    this.#form.onfeedback = (feedback) => state.addFeedback(feedback);
    this.#risk.element.hidden = true;
    const head = h(
      "header",
      { class: "case-head" },
      h("button", { type: "button", class: "back", click: back }, "Back"),
      this.#risk.element,
      this.#heading,
      this.#badges.element,
    );
    const related = h("div", {}, this.#noneRelated, this.#related.element);
    const left = h(
      "div",
      { class: "left" },
      card("Where and when", this.#player.element),
      card("History", this.#history.element),
      card("Other suspects of the same card, cardholder or phone", related),
    );
    const right = h("div", { class: "right" }, card(null, this.#form.element), card("Evidence", this.#evidence));
    this.#body = h("div", { class: "columns", hidden: true }, left, right);
    this.element = h("article", { class: "case" }, head, this.#reason, this.#body);
    state.addEventListener("cases", () => this.#update(), { signal: this.#listeners.signal });
  }

  keys = {
    f: () => this.#form.choose("fraud"),
    n: () => this.#form.choose("not_fraud"),
    u: () => this.#form.choose("unsure"),
    j: () => this.#related.move(1),
    k: () => this.#related.move(-1),
    Enter: () => this.#related.open(),
    " ": () => this.#player.toggle(),
    Escape: back,
  };

  /** Called when the element is in the document. */
  open() {
    const known = this.#state.store.get(this.#id);
    if (known !== undefined) this.#show(known);
    void this.#load();
  }

  close() {
    this.#listeners.abort();
    this.#player.close();
  }

  /** Shows a newer revision of the stream. */
  #update() {
    const known = this.#state.store.get(this.#id);
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
      this.#player.open();
    }
    this.element.dataset.revision = String(one.revision);
    this.#risk.show(one);
    this.#badges.show(one);
    setText(this.#heading, `${money(one.amount, one.currency)}${one.merchant === null ? "" : `, ${one.merchant}`}`);
    document.title = `${this.#heading.textContent} · Geovelocity`;
    setText(this.#reason, one.reason);
    this.#evidence.replaceChildren(evidenceTable(one));
    this.#player.show(one);
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
    void this.#player.load();
    void this.#loadHistory();
  }

  async #loadCase() {
    try {
      /** @type {CaseResponse} */
      const answer = await this.#state.request(this.#id, "", this.#listeners.signal);
      this.#show(answer.case);
      this.#form.show(this.#state.store.get(this.#id) ?? answer.case, answer.feedback);
      this.#related.show(answer.others, answer.judged);
      this.#noneRelated.hidden = answer.others.length > 0;
    } catch (error) {
      if (!isAbort(error) && this.#revision === 0) setText(this.#reason, messageOf(error));
    }
  }

  async #loadHistory() {
    try {
      this.#history.read(await this.#state.request(this.#id, "/history", this.#listeners.signal));
    } catch (error) {
      if (!isAbort(error)) this.#history.fail(messageOf(error));
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
