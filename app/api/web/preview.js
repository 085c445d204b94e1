/**
 * The preview of the selected case beside the list: reason, map, chart and feedback form.
 *
 * @import {Case, CaseResponse, UserResponse, Disposition} from "./types.d.ts"
 * @import {LiveState} from "./live_state.js"
 */

import { isAbort, ApiError } from "./api.js";
import { Badges, RiskMark } from "./badge.js";
import { h, setText } from "./element.js";
import { CasePlayer } from "./case_player.js";
import { money } from "./format.js";
import { VerdictForm } from "./verdict_form.js";

const REST_MS = 250;
/** The width from which the preview is visible. The style sheet has the same value. */
const wide = matchMedia("(min-width: 1040px)");

export class Preview {
  #state;
  #risk = new RiskMark();
  #badges = new Badges();
  #title = h("a", { class: "opens" });
  #reason = h("p", { class: "reason" });
  #player;
  #form;
  #body;
  #empty = h("p", { class: "empty" }, "Select a case with a click, or with j and k, to see it here.");
  element;
  #timer = 0;
  #request = new AbortController();
  #opened = false;
  /** @type {Case | null} */
  #case = null;

  /**
   * @param {UserResponse} user
   * @param {LiveState} state
   */
  constructor(user, state) {
    this.#state = state;
    this.#player = new CasePlayer(state, { low: true });
    this.#form = new VerdictForm(user);
    this.#form.onfeedback = (feedback) => state.addFeedback(feedback);
    const head = h("header", {}, this.#risk.element, h("h2", {}, this.#title), this.#badges.element);
    this.#body = h(
      "div",
      { class: "body", hidden: true },
      head,
      this.#reason,
      this.#player.element,
      this.#form.element,
    );
    this.element = h("aside", { class: "preview", "aria-label": "Selected case" }, this.#empty, this.#body);
  }

  get isVisible() {
    return wide.matches;
  }

  close() {
    clearTimeout(this.#timer);
    this.#request.abort();
    this.#player.close();
  }

  /** @param {Case | undefined} one */
  show(one) {
    if (!wide.matches) return;
    this.#empty.hidden = one !== undefined;
    this.#body.hidden = one === undefined;
    if (one === undefined || (one.id === this.#case?.id && one.revision === this.#case.revision)) return;
    const same = one.id === this.#case?.id;
    this.#case = one;
    if (!this.#opened) this.#player.open();
    this.#opened = true;
    this.#risk.show(one);
    this.#badges.show(one);
    setText(this.#title, `${money(one.amount, one.currency)}${one.merchant === null ? "" : `, ${one.merchant}`}`);
    this.#title.href = `/case/${encodeURIComponent(one.id)}`;
    setText(this.#reason, one.reason);
    this.#player.show(one);
    this.#form.show(one);
    if (same) return;
    clearTimeout(this.#timer);
    this.#request.abort();
    this.#timer = setTimeout(() => this.#load(one), REST_MS); // moving quickly through the list sends no requests
  }

  /** @param {Case} one */
  #load(one) {
    void this.#player.load();
    void this.#loadFeedback(one);
  }

  /**
   * Loads the feedback on the case. If that fails, the form still works.
   * @param {Case} one
   */
  async #loadFeedback(one) {
    this.#request = new AbortController();
    const { signal } = this.#request;
    try {
      /** @type {CaseResponse} */
      const answer = await this.#state.request(one.id, "", signal);
      if (!signal.aborted && this.#case?.id === one.id) this.#form.show(this.#case, answer.feedback);
    } catch (error) {
      if (!isAbort(error) && !(error instanceof ApiError)) throw error;
    }
  }

  toggle() {
    this.#player.toggle();
  }

  /** @param {Disposition} disposition */
  choose(disposition) {
    if (this.#case !== null && wide.matches) this.#form.choose(disposition);
  }
}
