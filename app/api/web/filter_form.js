/**
 * What is searched for: fields whose names are those of the address and of the server's question.
 */

import { h } from "./element.js";
import { MEANINGS } from "./words.js";

/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

const OUTCOMES = [
  ["", "suspect"],
  ["clear", "clear"],
  ["not_evaluable", "not evaluable"],
  ["any", "any"],
];
const STATUSES = [
  ["", "any"],
  ["provisional", "provisional"],
  ["final", "final"],
];
const SORTS = [
  ["", "newest first"],
  ["gravest", "gravest first"],
];

export class FilterForm {
  #first = this.#text("merchant", "Merchant", { type: "search" });
  #wrong = h("p", { class: "said wrong", role: "alert" });
  #fields = [
    this.#first,
    this.#text("from", "From", { type: "datetime-local", step: 1 }),
    this.#text("to", "To", { type: "datetime-local", step: 1 }),
    this.#choice("verdict", "Verdict", OUTCOMES),
    this.#choice("status", "Status", STATUSES),
    this.#choice("code", "Reason", [["", "any"], ...Object.keys(MEANINGS).map((code) => [code, code])]),
    this.#text("rule", "Rule", { placeholder: "default" }),
    this.#text("category", "Category", {}),
    this.#text("amount_min", "Amount from", { inputmode: "decimal" }),
    this.#text("amount_max", "Amount to", { inputmode: "decimal" }),
    this.#text("currency", "Currency", { maxlength: 3, placeholder: "USD" }),
    this.#text("min_risk", "Risk from", { inputmode: "numeric" }),
    this.#text("token", "Token of card, person or phone", {}),
    this.#text("q", "Transaction", {}),
    this.#choice("sort", "Order", SORTS),
  ];
  element = h(
    "form",
    {
      class: "filters",
      role: "search",
      submit: (/** @type {Event} */ event) => this.#submit(event),
      change: () => this.#tell(),
    },
    this.#fields.map(({ box }) => box),
    h(
      "div",
      { class: "actions" },
      h("button", { type: "submit", class: "primary" }, "Search"),
      h("button", { type: "button", click: () => this.#clear() }, "Clear"),
      this.#wrong,
    ),
  );

  /** Told that something else is searched for. */
  onchange = () => {};

  focus() {
    this.#first.field.focus();
  }

  /**
   * Takes over what stands in an address.
   * @param {URLSearchParams} query
   */
  read(query) {
    for (const { field } of this.#fields) {
      const value = query.get(field.name) ?? "";
      field.value = field.type === "datetime-local" && value !== "" ? toLocal(value) : value;
    }
  }

  /** The question, without what is left open. */
  query() {
    const query = new URLSearchParams();
    for (const { field } of this.#fields) {
      const value = field.value.trim();
      if (value === "") continue;
      query.set(field.name, field.type === "datetime-local" ? new Date(value).toISOString() : value);
    }
    return query;
  }

  /**
   * @param {string} sentence
   * @param {string | null} name the field that it is about
   */
  complain(sentence, name) {
    this.#wrong.textContent = sentence;
    for (const { field, label } of this.#fields) {
      if (field.name !== name) {
        field.removeAttribute("aria-invalid");
        continue;
      }
      field.setAttribute("aria-invalid", "true");
      if (sentence.startsWith(`${name} `)) this.#wrong.textContent = `${label}${sentence.slice(name.length)}`;
    }
  }

  #clear() {
    this.read(new URLSearchParams());
    this.#tell();
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    this.#tell();
  }

  #tell() {
    this.complain("", null);
    this.onchange();
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {Record<string, string | number>} attributes
   */
  #text(name, label, attributes) {
    return boxed(
      label,
      h("input", { type: "text", name, id: `filter-${name}`, autocomplete: "off", spellcheck: "false", ...attributes }),
    );
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {string[][]} options
   */
  #choice(name, label, options) {
    return boxed(
      label,
      h(
        "select",
        { name, id: `filter-${name}` },
        options.map(([value, text]) => h("option", { value }, text)),
      ),
    );
  }
}

/**
 * @param {string} label
 * @param {Field} field
 */
function boxed(label, field) {
  return { field, label, box: h("div", { class: `field ${field.name}` }, h("label", { for: field.id }, label), field) };
}

/** A moment as a field for local time wants it. @param {string} moment */
function toLocal(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return "";
  return new Date(date.getTime() - 60_000 * date.getTimezoneOffset()).toISOString().slice(0, 19);
}
