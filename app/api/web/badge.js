/**
 * Badges of a verdict. Every state has a word, not only a colour.
 *
 * @import {Case, Disposition} from "./types.d.ts"
 */

import { h, setText } from "./element.js";
import { DISPOSITIONS, OUTCOMES, riskLevel } from "./labels.js";

export class Badges {
  #verdict = h("span", { class: "badge verdict" });
  #status = h("span", { class: "badge status" });
  #revision = h("span", { class: "badge revision" });
  #judged = h("span", { class: "badge judged", hidden: true, title: "Latest feedback of an analyst" });
  element = h("span", { class: "badges" }, this.#judged, this.#verdict, this.#status, this.#revision);

  /** @param {Pick<Case, "verdict" | "status" | "revision">} one */
  show(one) {
    this.#verdict.hidden = one.verdict === "suspect";
    this.#verdict.dataset.verdict = one.verdict;
    setText(this.#verdict, one.verdict === "suspect" ? "" : `now ${OUTCOMES[one.verdict]}`);
    this.#status.dataset.status = one.status;
    setText(this.#status, one.status);
    this.#status.title =
      one.status === "final" ? "No later position is expected to change it" : "A later position may still change it";
    this.#revision.hidden = one.revision === 1;
    setText(this.#revision, `revision ${one.revision}`);
  }

  /** @param {Disposition | undefined} disposition undefined: no feedback */
  setDisposition(disposition) {
    this.#judged.hidden = disposition === undefined;
    setText(this.#judged, disposition === undefined ? "" : `judged ${DISPOSITIONS[disposition].toLowerCase()}`);
  }
}

/** A risk, 0 to 100, coloured by its level. */
export class RiskMark {
  #number = h("span", { class: "number" });
  element = h("span", { class: "risk" }, h("span", { class: "visually-hidden" }, "risk "), this.#number);

  /** @param {Pick<Case, "verdict" | "risk">} one */
  show(one) {
    this.element.dataset.gravity = one.verdict === "suspect" ? riskLevel(one.risk) : "none";
    this.element.title = `Risk ${one.risk} of 100`;
    setText(this.#number, one.verdict === "suspect" ? String(one.risk) : "–");
  }
}
