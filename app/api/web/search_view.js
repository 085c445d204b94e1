/**
 * The search view: stored cases by the filter form. The address has the same parameters.
 *
 * @import {Case, CaseListResponse, Disposition} from "./types.d.ts"
 * @import {View} from "./router.js"
 */

import { announce } from "./live_region.js";
import { ApiError, get, isAbort, messageOf } from "./api.js";
import { CaseList, ROWS_MAX } from "./case_list.js";
import { h, setText } from "./element.js";
import { FilterForm } from "./filter_form.js";
import { count } from "./format.js";
import { replaceAddress } from "./router.js";

const PAGE_SIZE = 50;

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
  #empty = h("p", { class: "empty", hidden: true }, "No case matches. Remove a filter, or search a longer period.");
  /** @type {Case[]} */
  #cases = [];
  /** @type {Record<string, Disposition>} */
  #judged = {};
  /** @type {string | null} */
  #cursor = null;
  #request = new AbortController();
  element;

  /** @param {URL} url */
  constructor(url) {
    this.#form.read(url.searchParams);
    this.#form.onchange = () => this.#search();
    const head = h("div", { class: "list-head" }, h("h1", {}, "Search"), this.#summary, this.#csv);
    const list = h("section", { class: "list", "aria-label": "Results" }, this.#empty, this.#list.element, this.#more);
    const expanded = matchMedia("(min-width: 641px)").matches || this.#form.query().size > 0;
    const filters = h("details", { open: expanded }, h("summary", {}, "Filters"), this.#form.element);
    this.element = h("div", { class: "search" }, head, filters, list);
  }

  keys = {
    j: () => this.#list.move(1),
    k: () => this.#list.move(-1),
    Enter: () => this.#list.open(),
    "/": () => this.#form.focus(),
  };

  /** Called when the element is in the document. */
  open() {
    if (matchMedia("(pointer: fine)").matches) this.#form.focus();
    void this.#load(false);
  }

  close() {
    this.#request.abort();
  }

  #search() {
    const query = this.#form.query().toString();
    replaceAddress(query === "" ? "/search" : `/search?${query}`);
    void this.#load(false);
  }

  /** @param {boolean} further whether to append the next page */
  async #load(further) {
    this.#request.abort();
    this.#request = new AbortController();
    const query = this.#form.query();
    const csv = `/api/cases.csv?${query}`;
    query.set("limit", String(PAGE_SIZE));
    if (further && this.#cursor !== null) query.set("cursor", this.#cursor);
    this.element.setAttribute("aria-busy", "true");
    this.#form.showError("", null);
    if (!further) setText(this.#summary, "Searching…");
    try {
      this.#show(await get(`/api/cases?${query}`, this.#request.signal), further);
      this.#csv.href = csv;
      this.#csv.hidden = false;
      this.element.setAttribute("aria-busy", "false");
    } catch (error) {
      if (isAbort(error)) return;
      this.element.setAttribute("aria-busy", "false");
      if (!further) this.#clearResults();
      this.#form.showError(messageOf(error), error instanceof ApiError ? error.field : null);
    }
  }

  /** Clears the results of the previous search after an error, also the link to its CSV file. */
  #clearResults() {
    this.#cases = [];
    this.#cursor = null;
    this.#list.show([], {});
    this.#more.hidden = true;
    this.#empty.hidden = true;
    this.#csv.hidden = true;
    setText(this.#summary, "");
  }

  /**
   * @param {CaseListResponse} page
   * @param {boolean} further
   */
  #show(page, further) {
    this.#cases = further ? [...this.#cases, ...page.cases] : page.cases;
    this.#judged = further ? { ...this.#judged, ...page.judged } : page.judged;
    this.#cursor = page.cursor;
    this.#list.show(this.#cases, this.#judged);
    const full = this.#cases.length >= ROWS_MAX;
    this.#more.hidden = page.cursor === null || full || this.#cases.length >= page.total;
    this.#empty.hidden = this.#cases.length > 0;
    const many = page.total === 1 ? "1 case" : `${count(page.total)} cases`;
    const shown = this.#cases.length < page.total ? `, ${count(this.#cases.length)} shown` : "";
    setText(
      this.#summary,
      `${many}${shown}${full && shown !== "" ? ": narrow the search, or download all as CSV" : ""}`,
    );
    if (further) announce(`${count(this.#cases.length)} of ${many}`);
  }
}
