/**
 * The login: a user enters the token that `geovelocity user add` printed.
 *
 * @import {View} from "./router.js"
 */

import { messageOf, post } from "./api.js";
import { h, setText } from "./element.js";

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
  #error = h("p", { class: "said wrong", role: "alert" });
  #button = h("button", { type: "submit", class: "primary" }, "Log in");
  #onLogin;
  element = h(
    "form",
    { class: "login", submit: (/** @type {Event} */ event) => this.#submit(event) },
    h("h1", {}, "Log in"),
    h(
      "p",
      { class: "muted" },
      "Enter the token that ",
      h("code", {}, "geovelocity user add NAME"),
      " printed for you.",
    ),
    h("label", { for: "token" }, "Token"),
    this.#token,
    this.#button,
    this.#error,
  );

  /** @param {() => void} onLogin */
  constructor(onLogin) {
    this.#onLogin = onLogin;
  }

  open() {
    this.#token.focus();
  }

  close() {}

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    this.#button.disabled = true;
    setText(this.#error, "");
    try {
      await post("/api/login", { token: this.#token.value.trim() });
      this.#onLogin();
    } catch (error) {
      setText(this.#error, messageOf(error));
      this.#token.select();
    } finally {
      this.#button.disabled = false;
    }
  }
}
