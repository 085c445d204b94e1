/**
 * The server's news. EventSource comes back by itself and says where it was (Last-Event-ID); where it gives up, or
 * where the line is open but silent, it is opened anew behind the same cursor.
 *
 * @typedef {"connecting" | "live" | "broken" | "lost"} State
 */

const SILENT_AFTER_MS = 6_000;
const ANEW_AFTER_MS = 15_000;
const LOST_AFTER_MS = 30_000;
const BACK_OFF_MAX_MS = 15_000;
const NEWS = ["hello", "snapshot", "cases", "pulse", "gone"];

export class Stream extends EventTarget {
  /** @type {EventSource | null} */
  #source = null;
  #cursor = "";
  #heardAt = Date.now();
  #tries = 0;
  #watch = 0;
  #retry = 0;
  /** @type {State} */
  state = "connecting";

  /** When the server was last heard, in milliseconds. */
  get heardAt() {
    return this.#heardAt;
  }

  open() {
    this.close();
    this.#heardAt = Date.now();
    this.#connect();
    this.#watch = setInterval(() => this.#look(), 1000);
  }

  /** Does not wait for the next try. */
  retry() {
    this.#tries = 0;
    this.#connect();
  }

  /** Ends it; whoever opens it again hears everything from the beginning. */
  close() {
    this.#cursor = "";
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
  }

  #connect() {
    clearTimeout(this.#retry);
    this.#source?.close();
    const resume = this.#cursor === "" ? "" : `?after=${encodeURIComponent(this.#cursor)}`;
    const source = new EventSource(`/api/stream${resume}`);
    this.#source = source;
    for (const name of NEWS) source.addEventListener(name, (event) => this.#heard(name, event));
    source.addEventListener("error", () => this.#failed(source));
  }

  /**
   * @param {string} name
   * @param {MessageEvent} event
   */
  #heard(name, event) {
    this.#heardAt = Date.now();
    this.#tries = 0;
    this.dispatchEvent(new CustomEvent(name, { detail: JSON.parse(event.data) }));
    if (event.lastEventId !== "") this.#cursor = event.lastEventId; // behind what the page has taken in
    this.#become("live");
  }

  /** @param {EventSource} source */
  #failed(source) {
    if (source !== this.#source) return;
    this.#look();
    if (source.readyState === EventSource.CLOSED) this.#comeBack();
  }

  #comeBack() {
    clearTimeout(this.#retry);
    const pause_ms = Math.min(BACK_OFF_MAX_MS, 1000 * 2 ** this.#tries++);
    this.#retry = setTimeout(() => this.#connect(), pause_ms);
    this.dispatchEvent(new Event("refused"));
  }

  #look() {
    const silent_ms = Date.now() - this.#heardAt;
    const open = this.#source?.readyState === EventSource.OPEN;
    if (open && silent_ms > ANEW_AFTER_MS) this.#connect();
    if (silent_ms > LOST_AFTER_MS) this.#become("lost");
    else if (this.state !== "connecting" && (!open || silent_ms > SILENT_AFTER_MS)) this.#become("broken");
  }

  /** @param {State} state */
  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
