/**
 * The feedback form: fraud, not fraud or unsure, and a note.
 *
 * @import {Case, Disposition, FeedbackResponse, UserResponse} from "./types.d.ts"
 */

import { messageOf, post } from "./api.js";
import { h, setText } from "./element.js";
import { timeElement } from "./time.js";
import { DISPOSITIONS } from "./labels.js";

const NOTE_MAX = 1000;
const KEYS = { fraud: "f", not_fraud: "n", unsure: "u" };
let forms = 0;

export class VerdictForm {
  #name = `disposition-${++forms}`;
  #status = h("p", { class: "said", role: "status" });
  #note = h("textarea", {
    rows: 1,
    maxlength: NOTE_MAX,
    id: `${this.#name}-note`,
    placeholder: "Findings (no card numbers, no names)",
  });
  #save = h("button", { type: "submit", class: "primary" }, "Save verdict");
  #choices = Object.entries(DISPOSITIONS).map(([value, label]) =>
    this.#choice(/** @type {Disposition} */ (value), label),
  );
  element = h(
    "form",
    { class: "judge", "aria-label": "Your verdict", submit: (/** @type {Event} */ event) => this.#submit(event) },
    h(
      "fieldset",
      {},
      h("legend", {}, "Your verdict"),
      h(
        "div",
        { class: "choices" },
        this.#choices.map((choice) => choice.label),
      ),
    ),
    h("label", { class: "visually-hidden", for: `${this.#name}-note` }, "Note"),
    h("div", { class: "actions" }, this.#note, this.#save),
    this.#status,
  );
  /** @type {Case | null} */
  #case = null;

  /** Called with feedback that was loaded or saved. */
  onfeedback = (/** @type {FeedbackResponse} */ _feedback) => {};

  /** @param {UserResponse} user */
  constructor(user) {
    const allowed = user.role === "analyst";
    this.element.classList.toggle("read-only", !allowed);
    for (const field of [this.#note, this.#save, ...this.#choices.map((choice) => choice.input)])
      field.disabled = !allowed;
    if (!allowed) this.#status.textContent = "Only analysts give a verdict; you are logged in as a viewer.";
  }

  /**
   * @param {Case} one
   * @param {FeedbackResponse | null | undefined} feedback undefined: not loaded
   */
  show(one, feedback = undefined) {
    const same = this.#case?.id === one.id;
    this.#case = one;
    if (same && feedback === undefined) return;
    if (!same) this.#note.value = "";
    const isEdited = same && this.#choices.some(({ input }) => input.checked);
    if (!isEdited) for (const { input } of this.#choices) input.checked = input.value === feedback?.verdict;
    if (feedback) this.#showFeedback(feedback);
    else if (!this.#save.disabled) setText(this.#status, "");
  }

  /**
   * Selects a disposition, so that Enter saves it.
   * @param {Disposition} disposition
   */
  choose(disposition) {
    const choice = this.#choices.find(({ input }) => input.value === disposition);
    if (choice === undefined || choice.input.disabled) return;
    choice.input.checked = true;
    this.#save.focus();
  }

  /**
   * @param {Disposition} value
   * @param {string} label
   */
  #choice(value, label) {
    const input = h("input", { type: "radio", name: this.#name, value, required: true });
    return {
      input,
      label: h(
        "label",
        { class: "choice" },
        input,
        h("span", {}, label),
        h("kbd", { "aria-hidden": "true" }, KEYS[value]),
      ),
    };
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    const one = this.#case;
    const verdict = this.#choices.find(({ input }) => input.checked)?.input.value;
    if (one === null || verdict === undefined) return;
    this.#save.disabled = true;
    setText(this.#status, "Saving…");
    this.#status.classList.remove("wrong");
    try {
      const body = { verdict, note: this.#note.value.trim(), revision: one.revision };
      const feedback = await post(`/api/cases/${encodeURIComponent(one.id)}/feedback`, body);
      if (this.#case?.id === one.id) this.#showFeedback(feedback);
      else this.onfeedback(feedback);
    } catch (error) {
      this.#status.classList.add("wrong");
      setText(this.#status, `Not saved: ${messageOf(error)}`);
    } finally {
      this.#save.disabled = false;
    }
  }

  /** @param {FeedbackResponse} feedback */
  #showFeedback(feedback) {
    this.#status.classList.remove("wrong");
    const summary = `${DISPOSITIONS[feedback.verdict]}, by ${feedback.analyst} at `;
    this.#status.replaceChildren(
      summary,
      timeElement(feedback.given_at),
      feedback.note === "" ? "." : `: ${feedback.note}`,
    );
    this.onfeedback(feedback);
  }
}
