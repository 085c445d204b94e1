/**
 * A list of cases with one selected row. A row moves only if the order has changed.
 *
 * @import {Case, Disposition} from "./types.d.ts"
 */

import { h } from "./element.js";
import { visit } from "./router.js";
import { Row } from "./row.js";

export const ROWS_MAX = 200;

export class CaseList {
  element = h("ol", { class: "rows" });
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {string | null} */
  chosen = null;
  #limit;

  /** Called with the id of the selected case. */
  onchoose = (/** @type {string} */ _id) => {};

  /** Whether a click shows the case beside the list. Otherwise it opens the case. */
  shows = () => false;

  /** @param {number} limit */
  constructor(limit = ROWS_MAX) {
    this.#limit = limit;
    this.element.addEventListener("click", (event) => this.#clicked(event));
    this.element.addEventListener("focusin", (event) => this.#focused(event));
  }

  /**
   * @param {Case[]} cases in display order
   * @param {Record<string, Disposition>} judged
   * @param {Map<string, "fresh" | "revised">} changes rows to highlight
   */
  show(cases, judged, changes = new Map()) {
    const shown = cases.slice(0, this.#limit);
    const wanted = new Set(shown.map((one) => one.id));
    for (const [id, row] of this.#rows) if (!wanted.has(id)) this.#remove(id, row);
    let next = this.element.firstElementChild;
    for (const one of shown) {
      const row = this.#rowOf(one);
      if (row.element === next) next = next.nextElementSibling;
      else this.element.insertBefore(row.element, next);
      row.setDisposition(judged[one.id]);
      const change = changes.get(one.id);
      if (change !== undefined) row.highlight(change);
    }
  }

  /**
   * Selects the row that is `by` rows further down, and scrolls to it.
   * @param {number} by
   */
  move(by) {
    const ids = this.#ids();
    const now = this.chosen === null ? -1 : ids.indexOf(this.chosen);
    const id = ids[now < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, now + by))];
    if (id === undefined) return;
    this.reveal(id);
    this.#rows.get(id)?.link.focus({ preventScroll: true });
  }

  /**
   * Selects a row and scrolls to it.
   * @param {string} id
   */
  reveal(id) {
    this.choose(id);
    this.#rows.get(id)?.element.scrollIntoView({ block: "nearest" });
  }

  /** Selects the first row without moving the focus. */
  chooseFirst() {
    const [id] = this.#ids();
    if (id !== undefined) this.choose(id);
  }

  /** @param {string} id */
  choose(id) {
    if (this.chosen === id) return;
    if (this.chosen !== null) this.#rows.get(this.chosen)?.choose(false);
    this.chosen = id;
    this.#rows.get(id)?.choose(true);
    this.onchoose(id);
  }

  /** Opens the selected case. */
  open() {
    if (this.chosen !== null) visit(`/case/${encodeURIComponent(this.chosen)}`);
  }

  #ids() {
    return [...this.element.children].map((child) => /** @type {HTMLElement} */ (child).dataset.id ?? "");
  }

  /** @param {Case} one */
  #rowOf(one) {
    const known = this.#rows.get(one.id);
    if (known !== undefined) {
      known.show(one);
      return known;
    }
    const row = new Row(one);
    row.choose(one.id === this.chosen);
    this.#rows.set(one.id, row);
    return row;
  }

  /**
   * @param {string} id
   * @param {Row} row
   */
  #remove(id, row) {
    row.element.remove();
    this.#rows.delete(id);
  }

  /** @param {Event} event */
  #idOf(event) {
    const row = event.target instanceof Element ? event.target.closest("li.row") : null;
    return row instanceof HTMLElement ? row.dataset.id : undefined;
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const id = this.#idOf(event);
    const followed = event.target instanceof Element && event.target.closest("a") !== null;
    if (id === undefined || followed || getSelection()?.isCollapsed === false) return;
    this.choose(id);
    this.#rows.get(id)?.link.focus({ preventScroll: true });
    if (!this.shows()) this.open();
  }

  /** @param {FocusEvent} event */
  #focused(event) {
    const id = this.#idOf(event);
    if (id !== undefined) this.choose(id);
  }
}
