/**
 * What a verdict is, in a word or two; never by colour alone.
 *
 * @import {Case, Judgement} from "./types.d.ts"
 */

import { h, write } from "./element.js";
import { gravity, JUDGEMENTS, OUTCOMES } from "./words.js";

export class Badges {
  #verdict = h("span", { class: "badge verdict" });
  #status = h("span", { class: "badge status" });
  #revision = h("span", { class: "badge revision" });
  #judged = h("span", { class: "badge judged", hidden: true, title: "What an analyst last said of it" });
  element = h("span", { class: "badges" }, this.#judged, this.#verdict, this.#status, this.#revision);

  /** @param {Pick<Case, "verdict" | "status" | "revision">} one */
  show(one) {
    this.#verdict.hidden = one.verdict === "suspect";
    this.#verdict.dataset.verdict = one.verdict;
    write(this.#verdict, one.verdict === "suspect" ? "" : `now ${OUTCOMES[one.verdict]}`);
    this.#status.dataset.status = one.status;
    write(this.#status, one.status);
    this.#status.title =
      one.status === "final" ? "No later position is expected to change it" : "A later position may still change it";
    this.#revision.hidden = one.revision === 1;
    write(this.#revision, `revision ${one.revision}`);
  }

  /** @param {Judgement | undefined} judgement undefined: nobody has said anything */
  judge(judgement) {
    this.#judged.hidden = judgement === undefined;
    write(this.#judged, judgement === undefined ? "" : `judged ${JUDGEMENTS[judgement].toLowerCase()}`);
  }
}

/** A risk, 0 to 100, and how much it asks for attention. */
export class RiskMark {
  #number = h("span", { class: "number" });
  element = h("span", { class: "risk" }, h("span", { class: "visually-hidden" }, "risk "), this.#number);

  /** @param {Pick<Case, "verdict" | "risk">} one */
  show(one) {
    this.element.dataset.gravity = one.verdict === "suspect" ? gravity(one.risk) : "none";
    this.element.title = `Risk ${one.risk} of 100`;
    write(this.#number, one.verdict === "suspect" ? String(one.risk) : "–");
  }
}
