/**
 * The page: who is there, what stands at this address, and the line to the server.
 *
 * @import {Me, View} from "./types.d.ts"
 */

import { showAlerts } from "./alerts_dialog.js";
import { door, get, post, Refused, sentence, SIGNED_OUT } from "./api.js";
import { CaseView } from "./case_view.js";
import { Connection } from "./connection.js";
import { Desk } from "./desk.js";
import { h, write } from "./element.js";
import { showHelp } from "./help.js";
import { bindKeys } from "./keys.js";
import { LoginView } from "./login_view.js";
import { NowView } from "./now_view.js";
import { startRouting } from "./router.js";
import { SearchView } from "./search_view.js";
import { Stream } from "./stream.js";
import { bindTheme } from "./theme.js";

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const AGAIN_MS = 2000;
const stream = new Stream();
const desk = new Desk(stream);
const connection = new Connection(stream);
/** @type {View | null} */
let view = null;
/** @type {Me | null} */
let me = null;

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
function arrive(url) {
  if (me === null) return;
  const part = url.pathname.split("/")[1] ?? "";
  for (const link of document.querySelectorAll("nav a")) {
    const here = /** @type {HTMLAnchorElement} */ (link).pathname === `/${part}`;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (part === "case") show(new CaseView(me, desk, decodeURIComponent(url.pathname.slice("/case/".length))));
  else if (part === "search") show(new SearchView(url));
  else show(new NowView(me, desk));
}

async function enter() {
  try {
    me = /** @type {Me} */ (await get("/api/me"));
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return; // the login stands there by now
    main.replaceChildren(h("p", { class: "empty", role: "status" }, `${sentence(error)} Trying again…`));
    setTimeout(() => void enter(), AGAIN_MS);
    return;
  }
  document.body.classList.add("in");
  const who = /** @type {HTMLElement} */ (document.getElementById("who"));
  write(who, me.demo ? "demo" : `${me.name}, ${me.role}`);
  button("logout").hidden = me.demo;
  button("alerts").hidden = me.role !== "analyst";
  stream.open();
  arrive(new URL(location.href));
}

function leave() {
  stream.close();
  desk.clear();
  me = null;
  document.body.classList.remove("in");
  for (const id of ["logout", "alerts"]) button(id).hidden = true;
  show(new LoginView(() => void enter()));
}

door.addEventListener(SIGNED_OUT, leave);
button("logout").addEventListener("click", () => void post("/api/logout", {}).finally(leave));
button("help").addEventListener("click", showHelp);
button("alerts").addEventListener("click", () => void showAlerts());
document.getElementById("connection")?.append(connection.pill);
main.before(connection.banner);
bindTheme(button("theme"));
bindKeys(() => view);
startRouting(arrive);
void enter();
