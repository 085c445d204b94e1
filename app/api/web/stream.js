/**
 * The event stream. EventSource reconnects on its own and sends the last event id. Where it stops trying, or the
 * connection is open but silent, this class reconnects with the same resume token.
 *
 * @typedef {"connecting" | "live" | "broken" | "lost"} State
 */

const SILENT_AFTER_MS = 6_000;
const RECONNECT_AFTER_MS = 15_000;
const LOST_AFTER_MS = 30_000;
const BACKOFF_MAX_MS = 15_000;
const EVENTS = ["hello", "snapshot", "cases", "pulse", "gone"];

export class Stream extends EventTarget {
  /** @type {EventSource | null} */
  #source = null;
  #resumeToken = "";
  #lastEventAt = Date.now();
  #attempts = 0;
  #watchdog = 0;
  #retry = 0;
  /** @type {State} */
  state = "connecting";

  /** Time of the last event, in milliseconds. */
  get lastEventAt() {
    return this.#lastEventAt;
  }

  open() {
    this.close();
    this.#lastEventAt = Date.now();
    this.#connect();
    this.#watchdog = setInterval(() => this.#check(), 1000);
  }

  /** Reconnects now instead of after the backoff. */
  retry() {
    this.#attempts = 0;
    this.#connect();
  }

  /** Closes the stream. The next `open` starts with a snapshot. */
  close() {
    this.#resumeToken = "";
    clearInterval(this.#watchdog);
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
  }

  #connect() {
    clearTimeout(this.#retry);
    this.#source?.close();
    const resume = this.#resumeToken === "" ? "" : `?after=${encodeURIComponent(this.#resumeToken)}`;
    const source = new EventSource(`/api/stream${resume}`);
    this.#source = source;
    for (const name of EVENTS) source.addEventListener(name, (event) => this.#receive(name, event));
    source.addEventListener("error", () => this.#onError(source));
  }

  /**
   * @param {string} name
   * @param {MessageEvent} event
   */
  #receive(name, event) {
    this.#lastEventAt = Date.now();
    this.#attempts = 0;
    this.dispatchEvent(new CustomEvent(name, { detail: JSON.parse(event.data) }));
    if (event.lastEventId !== "") this.#resumeToken = event.lastEventId; // only after the page has processed the event
    this.#setState("live");
  }

  /** @param {EventSource} source */
  #onError(source) {
    if (source !== this.#source) return;
    this.#check();
    if (source.readyState === EventSource.CLOSED) this.#retryLater();
  }

  #retryLater() {
    clearTimeout(this.#retry);
    const delay_ms = Math.min(BACKOFF_MAX_MS, 1000 * 2 ** this.#attempts++);
    this.#retry = setTimeout(() => this.#connect(), delay_ms);
    this.dispatchEvent(new Event("refused"));
  }

  #check() {
    const silent_ms = Date.now() - this.#lastEventAt;
    const open = this.#source?.readyState === EventSource.OPEN;
    if (open && silent_ms > RECONNECT_AFTER_MS) this.#connect();
    if (silent_ms > LOST_AFTER_MS) this.#setState("lost");
    else if (this.state !== "connecting" && (!open || silent_ms > SILENT_AFTER_MS)) this.#setState("broken");
  }

  /** @param {State} state */
  #setState(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
