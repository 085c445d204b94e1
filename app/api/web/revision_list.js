/**
 * What was said of a payment, revision by revision.
 *
 * @import {History, Revision} from "./types.d.ts"
 */

import { Badges, RiskMark } from "./badge.js";
import { h } from "./element.js";
import { timeElement } from "./time.js";

/** @param {History} history */
export function revisionList(history) {
  const items = history.revisions.toReversed().map(item);
  const note = history.complete
    ? null
    : h("p", { class: "note" }, "Older revisions are not on the topic any more, or too far back to be read.");
  return h(
    "div",
    {},
    items.length === 0
      ? h("p", { class: "empty" }, "None is on the topic any more.")
      : h("ol", { class: "revisions" }, items),
    note,
  );
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
