/**
 * Cases as rows, at most so many, with one of them chosen. Rows are moved only where the order asks for it.
 *
 * @import {Case, Judged} from "./types.d.ts"
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
  #most;

  /** Told the id of the case that was chosen. */
  onchoose = (/** @type {string} */ _id) => {};

  /** Whether a click shows the case beside the list; else it opens it. */
  shows = () => false;

  /** @param {number} most */
  constructor(most = ROWS_MAX) {
    this.#most = most;
    this.element.addEventListener("click", (event) => this.#clicked(event));
    this.element.addEventListener("focusin", (event) => this.#focused(event));
  }

  /**
   * @param {Case[]} cases in the order in which they shall stand
   * @param {Judged} judged
   * @param {Map<string, "fresh" | "revised">} news what is to be highlighted
   */
  show(cases, judged, news = new Map()) {
    const shown = cases.slice(0, this.#most);
    const wanted = new Set(shown.map((one) => one.id));
    for (const [id, row] of this.#rows) if (!wanted.has(id)) this.#remove(id, row);
    let next = this.element.firstElementChild;
    for (const one of shown) {
      const row = this.#rowOf(one);
      if (row.element === next) next = next.nextElementSibling;
      else this.element.insertBefore(row.element, next);
      row.judge(judged[one.id]);
      const why = news.get(one.id);
      if (why !== undefined) row.highlight(why);
    }
  }

  /**
   * Chooses the one so many further down, and shows it.
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
   * Chooses one and scrolls to it.
   * @param {string} id
   */
  reveal(id) {
    this.choose(id);
    this.#rows.get(id)?.element.scrollIntoView({ block: "nearest" });
  }

  /** Chooses what stands at the top now, without taking the focus there. */
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

  /** Opens what is chosen. */
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
