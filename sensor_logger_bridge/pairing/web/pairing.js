// The pairing page: shows what each app has to be told, and asks once a second what the bridge hears of this phone.

const ASK_EVERY_MS = 1000;
const SILENT_AFTER_S = 60;
const COPIED_MS = 1500;
const SVG = "http://www.w3.org/2000/svg";

const byId = (id) => document.getElementById(id);
/** What stands behind the # of the address: the token, and perhaps the app to begin with. */
const [token, firstApp] = location.hash.slice(1).split("/");
const titles = new Map();

/**
 * @typedef {{app: string, heard_age_s: number, fix_age_s: number|null, accuracy_m: number|null, complaint: string|null}} Heard
 * @typedef {{state: string, headline: string, hint: string}} Words
 */

/** What a person is told of what was heard. @param {Heard|null} heard @returns {Words} */
function wordsFor(heard) {
  if (heard === null) {
    return { state: "nothing", headline: "Nothing heard yet", hint: "Set up one of the apps below, then start it." };
  }
  const title = titles.get(heard.app) ?? heard.app;
  if (heard.complaint !== null) {
    return { state: "complaint", headline: `${title} is heard, but something is wrong`, hint: heard.complaint };
  }
  if (heard.heard_age_s > SILENT_AFTER_S) {
    return {
      state: "silent",
      headline: `Last heard ${ago(heard.heard_age_s)}`,
      hint: `${title} has sent nothing since: is it still recording, and the phone in the same network?`,
    };
  }
  if (heard.fix_age_s === null) {
    return { state: "heard", headline: "We hear you, no position yet", hint: `Start recording in ${title}.` };
  }
  const accuracy = heard.accuracy_m === null ? "accuracy not known" : `accuracy ${metres(heard.accuracy_m)}`;
  return {
    state: "heard",
    headline: `We hear you: last fix ${ago(heard.fix_age_s)}, ${accuracy}`,
    hint: `From ${title}. It works; you can close this page.`,
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

/** @param {Words} words */
function say({ state, headline, hint }) {
  if (byId("status").dataset.state !== state) {
    byId("status").dataset.state = state;
    byId("aloud").textContent = `${headline}. ${hint}`; // once, not at every second that passes
  }
  byId("headline").textContent = headline;
  byId("hint").textContent = hint;
}

/** The answer to a question, or what to say in its place. @param {string} path @returns {Promise<any>} */
async function ask(path) {
  let answer;
  try {
    answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` }, cache: "no-store" });
  } catch {
    return { words: { state: "away", headline: "The bridge does not answer", hint: "It is asked again every second." } };
  }
  if (answer.ok) return answer.json();
  const state = answer.status === 401 ? "unknown" : "away";
  const headline = answer.status === 401 ? "This page is no longer good" : "The bridge does not tell";
  return { words: { state, headline, hint: await answer.text() } };
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

/** Browsers have a clipboard only where the page is encrypted or local; elsewhere the old command still works. */
async function copied(input) {
  input.select();
  if (navigator.clipboard === undefined) return document.execCommand("copy");
  return navigator.clipboard.writeText(input.value).then(
    () => true,
    () => document.execCommand("copy"),
  );
}

/** One app, as it unfolds. @param {any} app */
function unfolding(app) {
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
  if (app.qr === null) find(".scanned").remove();
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
  byId("apps").replaceChildren(...setup.apps.map(unfolding));
  byId("page-code").replaceChildren(drawing(setup.page.qr, "QR code of this page"));
  (byId(firstApp ?? "") ?? document.querySelector(".app")).open = true;
  byId("only-here").hidden = !setup.only_here;
  byId("plain").hidden = setup.page.url.startsWith("https:");
  byId("paired").hidden = byId("footer").hidden = false;
}

/** Asks for the setup until it is there, then for the status as long as the page is looked at. */
async function run() {
  let shown = false;
  for (;;) {
    if (!document.hidden) {
      const answer = await ask(shown ? "/pair/status" : "/pair/setup");
      if (answer.words !== undefined) {
        say(answer.words);
        if (answer.words.state === "unknown") return;
      } else if (shown) {
        say(wordsFor(answer.heard));
      } else {
        show(answer);
        shown = true;
        continue;
      }
    }
    await new Promise((resume) => setTimeout(resume, ASK_EVERY_MS));
  }
}

document.body.classList.toggle("touched", navigator.maxTouchPoints > 0);
addEventListener("hashchange", () => location.reload());
if (token === "") {
  const hint = "Its address ends in # and a token: open the one that `geovelocity pair` prints.";
  say({ state: "unknown", headline: "Something is missing in the address of this page", hint });
} else {
  run();
}
