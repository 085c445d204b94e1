/**
 * Who are you? A token, as `geovelocity user add` printed it.
 *
 * @import {View} from "./types.d.ts"
 */

import { post, sentence } from "./api.js";
import { h, write } from "./element.js";

/** @implements {View} */
export class LoginView {
  title = "Log in";
  keys = {};
  #token = h("input", {
    type: "password",
    id: "token",
    name: "token",
    autocomplete: "current-password",
    required: true,
    spellcheck: "false",
  });
  #said = h("p", { class: "said wrong", role: "alert" });
  #button = h("button", { type: "submit", class: "primary" }, "Log in");
  #entered;
  element = h(
    "form",
    { class: "login", submit: (/** @type {Event} */ event) => this.#submit(event) },
    h("h1", {}, "Log in"),
    h(
      "p",
      { class: "muted" },
      "The token that was printed when you were added: ",
      h("code", {}, "geovelocity user add NAME"),
      ".",
    ),
    h("label", { for: "token" }, "Token"),
    this.#token,
    this.#button,
    this.#said,
  );

  /** @param {() => void} entered */
  constructor(entered) {
    this.#entered = entered;
  }

  open() {
    this.#token.focus();
  }

  close() {}

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    this.#button.disabled = true;
    write(this.#said, "");
    try {
      await post("/api/login", { token: this.#token.value.trim() });
      this.#entered();
    } catch (error) {
      write(this.#said, sentence(error));
      this.#token.select();
    } finally {
      this.#button.disabled = false;
    }
  }
}
