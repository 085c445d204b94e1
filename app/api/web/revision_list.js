/**
 * What was said of a payment, revision by revision, the newest first: what the server read, and what came by since.
 *
 * @import {Case, History, Revision} from "./types.d.ts"
 */

import { Badges, RiskMark } from "./badge.js";
import { h, write } from "./element.js";
import { timeElement } from "./time.js";

export class RevisionList {
  /** @type {Map<number, Revision>} */
  #revisions = new Map();
  #items = h("ol", { class: "revisions" });
  #note = h("p", { class: "note" }, "Loading…");
  element = h("div", {}, this.#items, this.#note);

  /** @param {History} history */
  read(history) {
    for (const one of history.revisions) this.#revisions.set(one.revision, one);
    write(
      this.#note,
      history.complete ? "" : "Older revisions are not on the topic any more, or too far back to be read.",
    );
    this.#show();
  }

  /**
   * One that came by just now.
   * @param {Case} one
   */
  add(one) {
    if (this.#revisions.has(one.revision)) return;
    this.#revisions.set(one.revision, { ...one, at: new Date().toISOString() });
    this.#show();
  }

  /** @param {string} sentence */
  fail(sentence) {
    write(this.#note, sentence);
  }

  #show() {
    const newestFirst = [...this.#revisions.values()].sort((one, other) => other.revision - one.revision);
    this.#items.replaceChildren(...newestFirst.map(item));
  }
}

/** @param {Revision} revision */
function item(revision) {
  const [risk, badges] = [new RiskMark(), new Badges()];
  risk.show(revision);
  badges.show({ ...revision, revision: 1 }); // its number stands in front already
  return h(
    "li",
    { "data-revision": revision.revision },
    h(
      "div",
      { class: "first" },
      h("span", { class: "ordinal" }, `Revision ${revision.revision}`),
      timeElement(revision.at),
      risk.element,
      badges.element,
    ),
    h("p", { class: "reason" }, revision.reason),
  );
}
