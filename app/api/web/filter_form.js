/**
 * The filter form of the search. The names of the fields are those of the URL parameters.
 */

import { h } from "./element.js";
import { REASONS } from "./reasons.js";

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
  ["gravest", "highest risk first"],
];

export class FilterForm {
  #first = this.#text("merchant", "Merchant", { type: "search" });
  #error = h("p", { class: "said wrong", role: "alert" });
  #fields = [
    this.#first,
    this.#text("from", "From", { type: "datetime-local", step: 1 }),
    this.#text("to", "To", { type: "datetime-local", step: 1 }),
    this.#choice("verdict", "Verdict", OUTCOMES),
    this.#choice("status", "Status", STATUSES),
    this.#choice("code", "Reason", [["", "any"], ...Object.keys(REASONS).map((code) => [code, code])]),
    this.#text("rule", "Rule", { placeholder: "default" }),
    this.#text("category", "Category", {}),
    this.#text("amount_min", "Amount from", { inputmode: "decimal" }),
    this.#text("amount_max", "Amount to", { inputmode: "decimal" }),
    this.#text("currency", "Currency", { maxlength: 3, placeholder: "USD" }),
    this.#text("min_risk", "Risk from", { inputmode: "numeric" }),
    this.#text("token", "Token of card, cardholder or phone", {}),
    this.#text("q", "Transaction", {}),
    this.#choice("sort", "Order", SORTS),
  ];
  element = h(
    "form",
    {
      class: "filters",
      role: "search",
      submit: (/** @type {Event} */ event) => this.#submit(event),
      change: () => this.#notify(),
    },
    this.#fields.map(({ box }) => box),
    h(
      "div",
      { class: "actions" },
      h("button", { type: "submit", class: "primary" }, "Search"),
      h("button", { type: "button", click: () => this.#clear() }, "Clear"),
      this.#error,
    ),
  );

  /** Called when the filter changes. */
  onchange = () => {};

  focus() {
    this.#first.field.focus();
  }

  /**
   * Reads the filter from an address.
   * @param {URLSearchParams} query
   */
  read(query) {
    for (const { field } of this.#fields) {
      const value = query.get(field.name) ?? "";
      field.value = field.type === "datetime-local" && value !== "" ? toLocal(value) : value;
    }
  }

  /** Returns the filter as URL parameters, without empty fields. */
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
   * @param {string} message
   * @param {string | null} name the field of the message
   */
  showError(message, name) {
    this.#error.textContent = message;
    for (const { field, label } of this.#fields) {
      if (field.name !== name) {
        field.removeAttribute("aria-invalid");
        continue;
      }
      field.setAttribute("aria-invalid", "true");
      if (message.startsWith(`${name} `)) this.#error.textContent = `${label}${message.slice(name.length)}`;
    }
  }

  #clear() {
    this.read(new URLSearchParams());
    this.#notify();
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    this.#notify();
  }

  #notify() {
    this.showError("", null);
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

/** Returns a time as the value of a `datetime-local` field. @param {string} moment */
function toLocal(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return "";
  return new Date(date.getTime() - 60_000 * date.getTimezoneOffset()).toISOString().slice(0, 19);
}
