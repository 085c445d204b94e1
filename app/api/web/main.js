/**
 * The page: it checks the session, shows the view of the address, and opens the event stream.
 *
 * @import {UserResponse} from "./types.d.ts"
 * @import {View} from "./router.js"
 */

import { showAlerts } from "./alerts_dialog.js";
import { ApiError, get, messageOf, post, session, SESSION_ENDED } from "./api.js";
import { CaseView } from "./case_view.js";
import { Connection } from "./connection.js";
import { LiveState } from "./live_state.js";
import { h, setText } from "./element.js";
import { showHelp } from "./help.js";
import { bindKeys } from "./keys.js";
import { LoginView } from "./login_view.js";
import { NowView } from "./now_view.js";
import { startRouting } from "./router.js";
import { SearchView } from "./search_view.js";
import { Stream } from "./stream.js";
import { bindTheme } from "./theme.js";

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const RETRY_DELAY_MS = 2000;
const stream = new Stream();
const state = new LiveState(stream);
const connection = new Connection(stream);
/** @type {View | null} */
let view = null;
/** @type {UserResponse | null} */
let user = null;

/** @param {string} id */
function button(id) {
  return /** @type {HTMLButtonElement} */ (document.getElementById(id));
}

/** @param {View} next */
function show(next) {
  view?.close();
  view = next;
  document.title = `${next.title} · Geovelocity`;
  main.replaceChildren(next.element);
  next.open();
  scrollTo(0, 0);
}

/** @param {URL} url */
function navigate(url) {
  if (user === null) return;
  const part = url.pathname.split("/")[1] ?? "";
  for (const link of document.querySelectorAll("nav a")) {
    const here = /** @type {HTMLAnchorElement} */ (link).pathname === `/${part}`;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (part === "case") show(new CaseView(user, state, decodeURIComponent(url.pathname.slice("/case/".length))));
  else if (part === "search") show(new SearchView(url));
  else show(new NowView(user, state));
}

async function start() {
  try {
    user = /** @type {UserResponse} */ (await get("/api/me"));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return; // the login is open by now
    main.replaceChildren(h("p", { class: "empty", role: "status" }, `${messageOf(error)} Trying again…`));
    setTimeout(() => void start(), RETRY_DELAY_MS);
    return;
  }
  document.body.classList.add("in");
  const who = /** @type {HTMLElement} */ (document.getElementById("who"));
  setText(who, user.demo ? "demo" : `${user.name}, ${user.role}`);
  button("logout").hidden = user.demo;
  button("alerts").hidden = user.role !== "analyst";
  stream.open();
  navigate(new URL(location.href));
}

function end() {
  stream.close();
  state.clear();
  user = null;
  document.body.classList.remove("in");
  for (const id of ["logout", "alerts"]) button(id).hidden = true;
  show(new LoginView(() => void start()));
}

session.addEventListener(SESSION_ENDED, end);
button("logout").addEventListener("click", () => void post("/api/logout", {}).finally(end));
button("help").addEventListener("click", showHelp);
button("alerts").addEventListener("click", () => void showAlerts());
document.getElementById("connection")?.append(connection.pill);
main.before(connection.banner);
bindTheme(button("theme"));
bindKeys(() => view);
startRouting(navigate);
void start();
