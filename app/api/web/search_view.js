/**
 * Search: what the store has, by the fields of a form that stand in the address, too.
 *
 * @import {Case, Found, Judged, View} from "./types.d.ts"
 */

import { announce } from "./announce.js";
import { get, isAbort, Refused, sentence } from "./api.js";
import { CaseList, ROWS_MAX } from "./case_list.js";
import { h, write } from "./element.js";
import { FilterForm } from "./filter_form.js";
import { count } from "./format.js";
import { rename } from "./router.js";

const PAGE = 50;

/** @implements {View} */
export class SearchView {
  title = "Search";
  #form = new FilterForm();
  #list = new CaseList();
  #summary = h("p", { class: "muted summary", role: "status" });
  #csv = h("a", { class: "csv", download: "", href: "/api/cases.csv", hidden: true }, "Download as CSV");
  #more = h(
    "button",
    { type: "button", class: "load-more", hidden: true, click: () => void this.#load(true) },
    "Load more",
  );
  #empty = h("p", { class: "empty", hidden: true }, "Nothing fits. Leave a field open, or look further back.");
  /** @type {Case[]} */
  #cases = [];
  /** @type {Judged} */
  #judged = {};
  /** @type {string | null} */
  #cursor = null;
  #asking = new AbortController();
  element;

  /** @param {URL} url */
  constructor(url) {
    this.#form.read(url.searchParams);
    this.#form.onchange = () => this.#ask();
    const head = h("div", { class: "list-head" }, h("h1", {}, "Search"), this.#summary, this.#csv);
    const list = h("section", { class: "list", "aria-label": "Found" }, this.#empty, this.#list.element, this.#more);
    const roomy = matchMedia("(min-width: 641px)").matches || this.#form.query().size > 0;
    const filters = h("details", { open: roomy }, h("summary", {}, "Filters"), this.#form.element);
    this.element = h("div", { class: "search" }, head, filters, list);
  }

  keys = {
    j: () => this.#list.move(1),
    k: () => this.#list.move(-1),
    Enter: () => this.#list.open(),
    "/": () => this.#form.focus(),
  };

  /** Once the element stands in the page. */
  open() {
    if (matchMedia("(pointer: fine)").matches) this.#form.focus();
    void this.#load(false);
  }

  close() {
    this.#asking.abort();
  }

  #ask() {
    const query = this.#form.query().toString();
    rename(query === "" ? "/search" : `/search?${query}`);
    void this.#load(false);
  }

  /** @param {boolean} further whether behind what is shown already */
  async #load(further) {
    this.#asking.abort();
    this.#asking = new AbortController();
    const query = this.#form.query();
    const csv = `/api/cases.csv?${query}`;
    query.set("limit", String(PAGE));
    if (further && this.#cursor !== null) query.set("cursor", this.#cursor);
    this.element.setAttribute("aria-busy", "true");
    this.#form.complain("", null);
    if (!further) write(this.#summary, "Searching…");
    try {
      this.#show(await get(`/api/cases?${query}`, this.#asking.signal), further);
      this.#csv.href = csv;
      this.#csv.hidden = false;
      this.element.setAttribute("aria-busy", "false");
    } catch (error) {
      if (isAbort(error)) return;
      this.element.setAttribute("aria-busy", "false");
      if (!further) this.#showNothing();
      this.#form.complain(sentence(error), error instanceof Refused ? error.field : null);
    }
  }

  /** No answer: what was found before is none to what is asked now, and neither is its file. */
  #showNothing() {
    this.#cases = [];
    this.#cursor = null;
    this.#list.show([], {});
    this.#more.hidden = true;
    this.#empty.hidden = true;
    this.#csv.hidden = true;
    write(this.#summary, "");
  }

  /**
   * @param {Found} found
   * @param {boolean} further
   */
  #show(found, further) {
    this.#cases = further ? [...this.#cases, ...found.cases] : found.cases;
    this.#judged = further ? { ...this.#judged, ...found.judged } : found.judged;
    this.#cursor = found.cursor;
    this.#list.show(this.#cases, this.#judged);
    const full = this.#cases.length >= ROWS_MAX;
    this.#more.hidden = found.cursor === null || full || this.#cases.length >= found.total;
    this.#empty.hidden = this.#cases.length > 0;
    const many = found.total === 1 ? "1 case" : `${count(found.total)} cases`;
    const shown = this.#cases.length < found.total ? `, ${count(this.#cases.length)} shown` : "";
    write(this.#summary, `${many}${shown}${full && shown !== "" ? ": narrow the search, or take all as CSV" : ""}`);
    if (further) announce(`${count(this.#cases.length)} of ${many}`);
  }
}
