/**
 * What the analyst says of a case: fraud, not fraud, unsure, and a note.
 *
 * @import {Case, Feedback, Judgement, Me} from "./types.d.ts"
 */

import { post, sentence } from "./api.js";
import { h, write } from "./element.js";
import { timeElement } from "./time.js";
import { JUDGEMENTS } from "./words.js";

const NOTE_MAX = 1000;
const KEYS = { fraud: "f", not_fraud: "n", unsure: "u" };
let forms = 0;

export class VerdictForm {
  #name = `judgement-${++forms}`;
  #said = h("p", { class: "said", role: "status" });
  #note = h("textarea", {
    rows: 1,
    maxlength: NOTE_MAX,
    id: `${this.#name}-note`,
    placeholder: "What you found (no card numbers, no names)",
  });
  #save = h("button", { type: "submit", class: "primary" }, "Save verdict");
  #choices = Object.entries(JUDGEMENTS).map(([value, label]) => this.#choice(/** @type {Judgement} */ (value), label));
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
    this.#said,
  );
  /** @type {Case | null} */
  #case = null;

  /** Told what was said of the case, before or just now. */
  onknown = (/** @type {Feedback} */ _feedback) => {};

  /** @param {Me} me */
  constructor(me) {
    const allowed = me.role === "analyst";
    this.element.classList.toggle("read-only", !allowed);
    for (const field of [this.#note, this.#save, ...this.#choices.map((choice) => choice.input)])
      field.disabled = !allowed;
    if (!allowed) this.#said.textContent = "Verdicts are given by analysts; you are logged in as a viewer.";
  }

  /**
   * @param {Case} one
   * @param {Feedback | null | undefined} feedback undefined: not known
   */
  show(one, feedback = undefined) {
    const same = this.#case?.id === one.id;
    this.#case = one;
    if (same && feedback === undefined) return;
    if (!same) this.#note.value = "";
    const begun = same && this.#choices.some(({ input }) => input.checked);
    if (!begun) for (const { input } of this.#choices) input.checked = input.value === feedback?.verdict;
    if (feedback) this.#tell(feedback);
    else if (!this.#save.disabled) write(this.#said, "");
  }

  /**
   * Chooses, so that Enter saves.
   * @param {Judgement} judgement
   */
  choose(judgement) {
    const choice = this.#choices.find(({ input }) => input.value === judgement);
    if (choice === undefined || choice.input.disabled) return;
    choice.input.checked = true;
    this.#save.focus();
  }

  /**
   * @param {Judgement} value
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
    write(this.#said, "Saving…");
    this.#said.classList.remove("wrong");
    try {
      const body = { verdict, note: this.#note.value.trim(), revision: one.revision };
      const feedback = await post(`/api/cases/${encodeURIComponent(one.id)}/feedback`, body);
      if (this.#case?.id === one.id) this.#tell(feedback);
      else this.onknown(feedback);
    } catch (error) {
      this.#said.classList.add("wrong");
      write(this.#said, `Not saved: ${sentence(error)}`);
    } finally {
      this.#save.disabled = false;
    }
  }

  /** @param {Feedback} feedback */
  #tell(feedback) {
    this.#said.classList.remove("wrong");
    const words = `${JUDGEMENTS[feedback.verdict]}, said ${feedback.analyst} at `;
    this.#said.replaceChildren(
      words,
      timeElement(feedback.given_at),
      feedback.note === "" ? "." : `: ${feedback.note}`,
    );
    this.onknown(feedback);
  }
}
