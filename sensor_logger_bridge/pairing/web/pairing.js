// The pairing page: shows each app's settings, and requests the status of this phone once a second.

const POLL_INTERVAL_MS = 1000;
const SILENT_AFTER_S = 60;
const COPIED_MS = 1500;
const SVG = "http://www.w3.org/2000/svg";

const byId = (id) => document.getElementById(id);
/** The part of the address after #: the token, and optionally the app to open first. */
const [token, firstApp] = location.hash.slice(1).split("/");
const titles = new Map();

/**
 * @typedef {{app: string, heard_age_s: number, fix_age_s: number|null, accuracy_m: number|null, complaint: string|null}} LastMessage
 * @typedef {{state: string, headline: string, hint: string}} StatusText
 */

/** Returns the text for the phone's last message. @param {LastMessage|null} heard @returns {StatusText} */
function statusText(heard) {
  if (heard === null) {
    return { state: "nothing", headline: "No message received yet", hint: "Set up one of the apps below, then start it." };
  }
  const title = titles.get(heard.app) ?? heard.app;
  if (heard.complaint !== null) {
    return { state: "problem", headline: `${title} is connected, but there is a problem`, hint: heard.complaint };
  }
  if (heard.heard_age_s > SILENT_AFTER_S) {
    return {
      state: "silent",
      headline: `Last message received ${ago(heard.heard_age_s)}`,
      hint: `Check that ${title} is still recording, and that the phone is in the same network.`,
    };
  }
  if (heard.fix_age_s === null) {
    return { state: "connected", headline: "Connected, no position yet", hint: `Start recording in ${title}.` };
  }
  const accuracy = heard.accuracy_m === null ? "accuracy unknown" : `accuracy ${metres(heard.accuracy_m)}`;
  return {
    state: "connected",
    headline: `Connected: last position ${ago(heard.fix_age_s)}, ${accuracy}`,
    hint: `${title} works. You can close this page.`,
  };
}

/** @param {number} seconds */
function ago(seconds) {
  if (seconds < 100) return `${Math.round(seconds)} s ago`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3600)} h ago`;
}

/** @param {number} length */
function metres(length) {
  return length < 1 ? "better than 1 m" : `${Math.round(length)} m`;
}

/** @param {StatusText} text */
function showStatus({ state, headline, hint }) {
  if (byId("status").dataset.state !== state) {
    byId("status").dataset.state = state;
    byId("announcement").textContent = `${headline}. ${hint}`; // for screen readers: once a state, not every second
  }
  byId("headline").textContent = headline;
  byId("hint").textContent = hint;
}

/** Returns the answer to a request, or a status to show instead. @param {string} path @returns {Promise<any>} */
async function request(path) {
  let response;
  try {
    response = await fetch(path, { headers: { Authorization: `Bearer ${token}` }, cache: "no-store" });
  } catch {
    const hint = "This page tries again every second.";
    return { failure: { state: "unavailable", headline: "The bridge does not answer", hint } };
  }
  if (response.ok) return response.json();
  const state = response.status === 401 ? "unknown" : "unavailable";
  const headline = response.status === 401 ? "This page is no longer valid" : "The bridge rejected the request";
  return { failure: { state, headline, hint: await response.text() } };
}

/** @param {{size: number, path: string}} code @param {string} label */
function drawing(code, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${code.size} ${code.size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", code.path);
  svg.append(path);
  return svg;
}

/** @param {{name: string, value: string}} value */
function field({ name, value }) {
  const row = byId("value").content.cloneNode(true);
  const input = row.querySelector("input");
  const button = row.querySelector("button");
  row.querySelector("dt").textContent = name;
  input.value = value;
  input.setAttribute("aria-label", name);
  input.addEventListener("focus", () => input.select());
  button.setAttribute("aria-label", `Copy ${name}`);
  button.addEventListener("click", async () => {
    button.textContent = (await copied(input)) ? "Copied" : "Selected";
    setTimeout(() => (button.textContent = "Copy"), COPIED_MS);
  });
  return row;
}

/** Copies a field's value. Pages that are neither encrypted nor local have no clipboard, but the old command works. */
async function copied(input) {
  input.select();
  if (navigator.clipboard === undefined) return document.execCommand("copy");
  return navigator.clipboard.writeText(input.value).then(
    () => true,
    () => document.execCommand("copy"),
  );
}

/** Returns the section of one app. @param {any} app */
function appSection(app) {
  const part = byId("app").content.cloneNode(true);
  const find = (selector) => part.querySelector(selector);
  find(".app").id = app.name;
  find(".title").textContent = app.title;
  find(".systems").textContent = app.systems;
  find(".where").textContent = `By hand: ${app.where}`;
  find(".note").textContent = app.note;
  find(".values").append(...app.values.map(field));
  find(".open").hidden = app.link === "";
  find(".open").textContent = `Set up ${app.title}`;
  if (app.link !== "") find(".open").href = app.link;
  if (app.qr === null) find(".qr").remove();
  else {
    find(".code").append(drawing(app.qr, `QR code that sets up ${app.title}`));
    find("figcaption").textContent = app.scan;
  }
  return part;
}

/** @param {any} setup */
function show(setup) {
  for (const place of document.querySelectorAll("#device, .device")) place.textContent = setup.device;
  document.title = `Pair ${setup.device} - Geovelocity`;
  for (const app of setup.apps) titles.set(app.name, app.title);
  byId("apps").replaceChildren(...setup.apps.map(appSection));
  byId("page-code").replaceChildren(drawing(setup.page.qr, "QR code of this page"));
  (byId(firstApp ?? "") ?? document.querySelector(".app")).open = true;
  byId("loopback-only").hidden = !setup.only_here;
  byId("plain").hidden = setup.page.url.startsWith("https:");
  byId("paired").hidden = byId("footer").hidden = false;
}

/** Requests the setup until it arrives, then the status while the page is visible. */
async function run() {
  let shown = false;
  for (;;) {
    if (!document.hidden) {
      const answer = await request(shown ? "/pair/status" : "/pair/setup");
      if (answer.failure !== undefined) {
        showStatus(answer.failure);
        if (answer.failure.state === "unknown") return;
      } else if (shown) {
        showStatus(statusText(answer.heard));
      } else {
        show(answer);
        shown = true;
        continue;
      }
    }
    await new Promise((resume) => setTimeout(resume, POLL_INTERVAL_MS));
  }
}

document.body.classList.toggle("touched", navigator.maxTouchPoints > 0);
addEventListener("hashchange", () => location.reload());
if (token === "") {
  const hint = "The address must end in # and a token. Open the address that `geovelocity pair` prints.";
  showStatus({ state: "unknown", headline: "The address of this page is incomplete", hint });
} else {
  run();
}
