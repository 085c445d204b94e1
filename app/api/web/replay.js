/** The replay: a slider through time, and a button that plays it. */

import { h, setText } from "./element.js";
import { local, utc } from "./time.js";

const DURATION_MS = 20_000;
const STEPS = 1000;

export class Replay {
  #from_ms = 0;
  #to_ms = 0;
  #playing = 0;
  #onInputer = h("input", {
    type: "range",
    min: 0,
    max: STEPS,
    step: 1,
    "aria-label": "Time of the replay",
    input: () => this.#onInput(),
  });
  #button = h("button", { type: "button", class: "play", "aria-label": "Play", click: () => this.toggle() });
  #clock = h("output", { class: "clock" });
  element = h("div", { class: "replay" }, this.#button, this.#onInputer, this.#clock);

  /** Called with the time, in milliseconds. */
  onchange = (/** @type {number} */ _at_ms) => {};

  close() {
    this.#stop();
  }

  /**
   * Sets the time range of the replay and its current time.
   * @param {number} from_ms
   * @param {number} to_ms
   * @param {number} at_ms
   */
  span(from_ms, to_ms, at_ms) {
    this.#stop();
    [this.#from_ms, this.#to_ms] = [from_ms, to_ms];
    this.element.hidden = to_ms <= from_ms;
    this.go(at_ms);
  }

  /** @param {number} at_ms */
  go(at_ms) {
    this.#onInputer.value = String(
      Math.round((STEPS * (at_ms - this.#from_ms)) / Math.max(1, this.#to_ms - this.#from_ms)),
    );
    this.#notify(Math.min(this.#to_ms, Math.max(this.#from_ms, at_ms)));
  }

  toggle() {
    if (this.#playing !== 0) return this.#stop();
    let at_ms = this.#at() >= this.#to_ms ? this.#from_ms : this.#at();
    let drawn = performance.now();
    const step = (/** @type {number} */ now) => {
      at_ms += ((now - drawn) * (this.#to_ms - this.#from_ms)) / DURATION_MS;
      drawn = now;
      this.go(at_ms);
      if (at_ms >= this.#to_ms) this.#stop();
      else this.#playing = requestAnimationFrame(step);
    };
    this.#playing = requestAnimationFrame(step);
    this.#button.classList.add("playing");
    this.#button.setAttribute("aria-label", "Pause");
  }

  #stop() {
    cancelAnimationFrame(this.#playing);
    this.#playing = 0;
    this.#button.classList.remove("playing");
    this.#button.setAttribute("aria-label", "Play");
  }

  #at() {
    return this.#from_ms + (Number(this.#onInputer.value) / STEPS) * (this.#to_ms - this.#from_ms);
  }

  #onInput() {
    this.#stop();
    this.#notify(this.#at());
  }

  /** @param {number} at_ms */
  #notify(at_ms) {
    setText(this.#clock, local(at_ms));
    this.#clock.title = utc(at_ms);
    this.#onInputer.setAttribute("aria-valuetext", local(at_ms));
    this.onchange(at_ms);
  }
}
