/**
 * The revisions of a case, newest first: those that the server has read, and newer ones of the stream.
 *
 * @import {Case, HistoryResponse, RevisionSummary} from "./types.d.ts"
 */

import { Badges, RiskMark } from "./badge.js";
import { h, setText } from "./element.js";
import { timeElement } from "./time.js";

export class RevisionList {
  /** @type {Map<number, RevisionSummary>} */
  #revisions = new Map();
  #items = h("ol", { class: "revisions" });
  #note = h("p", { class: "note" }, "Loading…");
  element = h("div", {}, this.#items, this.#note);

  /** @param {HistoryResponse} history */
  read(history) {
    for (const one of history.revisions) this.#revisions.set(one.revision, one);
    setText(
      this.#note,
      history.complete
        ? ""
        : "Older revisions are missing: the topic no longer holds them, or the search stopped early.",
    );
    this.#show();
  }

  /**
   * Adds a revision of the stream.
   * @param {Case} one
   */
  add(one) {
    if (this.#revisions.has(one.revision)) return;
    this.#revisions.set(one.revision, { ...one, at: new Date().toISOString() });
    this.#show();
  }

  /** @param {string} message */
  fail(message) {
    setText(this.#note, message);
  }

  #show() {
    const newestFirst = [...this.#revisions.values()].sort((one, other) => other.revision - one.revision);
    this.#items.replaceChildren(...newestFirst.map(item));
  }
}

/** @param {RevisionSummary} revision */
function item(revision) {
  const [risk, badges] = [new RiskMark(), new Badges()];
  risk.show(revision);
  badges.show({ ...revision, revision: 1 }); // the heading has its number
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
