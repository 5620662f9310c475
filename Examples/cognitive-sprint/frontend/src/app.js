"use strict";

const STEPS = ["frame", "diverge", "critique", "converge", "decide"];

const byId = (id) => document.getElementById(id);

let language = chooseLanguage();
let shown = null; // the session whose details are open
let sessions = [];
let following = null; // the cursor of the list's next page

function chooseLanguage() {
  let kept = null;
  try {
    kept = localStorage.getItem("language");
  } catch {
    // Storage may be forbidden; the browser's language is a good guess then.
  }
  const wanted = kept ?? navigator.language.slice(0, 2);
  return wanted in MESSAGES ? wanted : "en";
}

const say = () => MESSAGES[language];

/** An element with attributes (or an `on` listener) and children; text is never read as HTML. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") element.addEventListener("click", value);
    else if (value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

class Refusal extends Error {
  constructor(code, correlationId) {
    super(code);
    this.code = code;
    this.correlationId = correlationId;
  }
}

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
  } catch {
    throw new Refusal("network", null);
  }
  const content = await response.json().catch(() => null);
  if (!response.ok || content === null) {
    throw new Refusal(
      content?.error?.code ?? "other",
      content?.error?.correlation_id ?? response.headers.get("x-request-id"),
    );
  }
  return content;
}

function explain(error) {
  const texts = say().errors;
  if (!(error instanceof Refusal)) throw error;
  return typeof texts[error.code] === "string" ? texts[error.code] : texts.other(error.correlationId ?? "-");
}

function announce(text) {
  byId("announcement").textContent = text;
}

function showTexts() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = say()[element.dataset.text];
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say()[element.dataset.label]);
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  byId("form-error").textContent = "";
  showList();
  showDetail();
}

function showList() {
  byId("list-state").textContent = sessions.length ? "" : say().empty;
  byId("more").hidden = following === null;
  byId("list").replaceChildren(
    ...sessions.map((session) => {
      const step = session.step === "done" ? say().state.finished : say().steps[session.step];
      return make(
        "li",
        {},
        make(
          "button",
          { type: "button", class: "row", on: () => open(session), "aria-expanded": String(shown?.id === session.id) },
          make("span", { class: "row-topic", lang: session.language }, session.topic),
          make("span", { class: `badge ${session.status}` }, step),
          make(
            "time",
            { datetime: session.created_at },
            new Date(session.created_at).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" }),
          ),
        ),
      );
    }),
  );
}

function showDetail(error = "") {
  const section = byId("detail");
  section.hidden = shown === null;
  if (shown === null) {
    section.replaceChildren();
    return;
  }
  const { state } = shown;
  const at = shown.step === "done" ? STEPS.length : STEPS.indexOf(shown.step);
  const notes = [];
  if (state.round > 1) notes.push(say().round(state.round));
  if (state.score !== null) notes.push(say().score(state.score));
  section.replaceChildren(
    make(
      "div",
      { class: "bar" },
      make("h2", { id: "detail-title", tabindex: "-1", lang: shown.language }, shown.topic),
      make("button", { type: "button", on: close }, say().close),
    ),
    make(
      "ol",
      { class: "steps", "aria-label": say().progress },
      ...STEPS.map((step, index) =>
        make(
          "li",
          { class: index < at ? "past" : index === at ? "now" : "", "aria-current": index === at ? "step" : null },
          say().steps[step],
        ),
      ),
    ),
    notes.length ? make("p", { class: "notes" }, notes.join(" · ")) : "",
    make("div", { class: "results", lang: shown.language }, ...results()),
    make("p", { class: "error", role: "alert" }, error),
    shown.step === "done"
      ? ""
      : make(
          "button",
          { type: "button", class: "primary", id: "advance", on: advance },
          say().advance(say().steps[shown.step]),
        ),
  );
}

function results() {
  const values = { ...shown.state, summary: shown.summary };
  return ["summary", "decision", "actions", "shortlist", "question", "ideas", "critiques"].flatMap((key) => {
    const value = values[key];
    if (!value?.length) return [];
    const body = Array.isArray(value)
      ? make("ul", {}, ...value.map((item) => make("li", {}, item)))
      : make("p", {}, value);
    return [make("h3", { lang: language }, say().results[key]), body];
  });
}

async function open(session) {
  shown = session;
  showList();
  showDetail();
  byId("detail-title").focus();
  try {
    remember(await call("GET", `/api/sessions/${session.id}`));
  } catch (error) {
    showDetail(explain(error));
  }
}

function close() {
  const id = shown.id;
  shown = null;
  showDetail();
  showList();
  const row = sessions.findIndex((session) => session.id === id);
  (byId("list").children[row]?.firstElementChild ?? byId("main")).focus();
}

/** Puts what the server has just said about a session into the list and the details. */
function remember(session) {
  sessions = sessions.map((known) => (known.id === session.id ? session : known));
  if (shown?.id === session.id) shown = session;
  showList();
  showDetail();
}

async function advance() {
  const button = byId("advance");
  const step = say().steps[shown.step];
  const { id } = shown;
  button.disabled = true;
  button.textContent = say().working;
  try {
    remember(await call("POST", `/api/sessions/${id}/advance`));
    announce(say().advanced(step));
  } catch (error) {
    const text = explain(error);
    if (error.code === "advanced") remember(await call("GET", `/api/sessions/${id}`).catch(() => shown));
    showDetail(text);
  }
  (byId("advance") ?? byId("detail-title"))?.focus();
}

async function load(before = null) {
  byId("list-state").textContent = say().loading;
  try {
    const query = before === null ? "" : `&before=${encodeURIComponent(before)}`;
    const page = await call("GET", `/api/sessions?limit=10${query}`);
    sessions = before === null ? page.items : [...sessions, ...page.items];
    following = page.next;
    showList();
  } catch (error) {
    showList();
    byId("list-state").textContent = explain(error);
  }
}

byId("new").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector("button");
  const error = byId("form-error");
  error.textContent = "";
  button.disabled = true;
  try {
    const session = await call("POST", "/api/sessions", {
      topic: form.topic.value,
      participants: Number(form.participants.value),
      language,
    });
    form.topic.value = "";
    sessions = [session, ...sessions];
    announce(say().created);
    await open(session);
  } catch (problem) {
    error.textContent = explain(problem);
    form.topic.focus();
  } finally {
    button.disabled = false;
  }
});

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    language = button.dataset.language;
    try {
      localStorage.setItem("language", language);
    } catch {
      // The choice then lasts as long as the page.
    }
    showTexts();
  });
}
byId("reload").addEventListener("click", () => load());
byId("more").addEventListener("click", () => load(following));

showTexts();
load();
call("GET", "/api/version")
  .then((answer) => { byId("version").textContent = answer.version; })
  .catch(() => { byId("version").textContent = "?"; });
