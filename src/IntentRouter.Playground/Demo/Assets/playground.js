"use strict";

const page = document.body;
const base = page.dataset.base;
const $ = id => document.getElementById(id);
const seen = { customer: null, account: null, conversation: null };
let state = null;
let turnsFor = "";
let pause = 2_000;

// Everything shown goes through text nodes and properties: nothing that came from a message is ever parsed as HTML.
function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && typeof value !== "object" && !name.includes("-")) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.flat().filter(c => c !== null && c !== undefined && c !== false));
  return node;
}

function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

function link(text, address) {
  const href = webAddress(address);
  return href ? el("a", { href, target: "_blank", rel: "noopener noreferrer" }, text) : document.createTextNode(text);
}

// The part of Markdown that short replies use; a backslash keeps the next sign as it is.
function markdown(text) {
  const nodes = [];
  let plain = "";
  const flush = () => { if (plain) { nodes.push(document.createTextNode(plain)); plain = ""; } };
  const patterns = [
    [/^\\([\\`*_{}[\]()#+\-.!<>|~])/, m => { plain += m[1]; }],
    [/^`([^`]+)`/, m => { flush(); nodes.push(el("code", {}, m[1])); }],
    [/^\*\*([^*]+)\*\*/, m => { flush(); nodes.push(el("strong", {}, ...markdown(m[1]))); }],
    [/^\*([^*\s][^*]*)\*/, m => { flush(); nodes.push(el("em", {}, ...markdown(m[1]))); }],
    [/^\[([^\]]+)\]\(([^)\s]+)\)/, m => { flush(); nodes.push(link(m[1], m[2])); }],
    [/^https?:\/\/[^\s<>()]+/, m => { flush(); nodes.push(link(m[0], m[0])); }],
  ];
  let rest = text;
  outer: while (rest) {
    for (const [pattern, take] of patterns) {
      const match = pattern.exec(rest);
      if (match) {
        take(match);
        rest = rest.slice(match[0].length);
        continue outer;
      }
    }
    plain += rest[0];
    rest = rest.slice(1);
  }
  flush();
  return nodes;
}

async function act(what, more) {
  $("trouble").textContent = "";
  const body = { what, customer: seen.customer, account: seen.account, conversation: seen.conversation, user: Number($("user").value) || null, ...more };
  try {
    const response = await fetch(base + "/demo/do", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const answer = await response.json();
    if (answer.error) {
      $("trouble").textContent = answer.error;
      return false;
    }
    if (answer.customer) seen.customer = answer.customer;
    if (answer.account && answer.conversation) {
      seen.account = answer.account;
      seen.conversation = answer.conversation;
    }
    await refresh();
    return true;
  } catch {
    $("trouble").textContent = "The playground does not answer.";
    return false;
  }
}

async function asCustomer(what, more) {
  if (!seen.customer && !await act("visitor", { inbox: Number($("inbox").value) || null })) return false;
  return act(what, more);
}

function interactive(message) {
  const items = Array.isArray(message.attributes.items) ? message.attributes.items.filter(i => i && typeof i === "object") : [];
  const answered = message.attributes.submitted_values !== undefined;
  switch (message.type) {
    case "input_select":
      return el("div", { className: "row", role: "group", "aria-label": "Choices" }, items.map(item =>
        el("button", { type: "button", disabled: answered, onclick: () => asCustomer("choose", { message: message.id, text: String(item.title ?? "") }) }, String(item.title ?? ""))));
    case "cards":
      return el("div", {}, items.map(item => el("div", { className: "card" },
        webAddress(item.media_url) && el("img", { src: webAddress(item.media_url), alt: String(item.title ?? ""), loading: "lazy" }),
        el("strong", {}, String(item.title ?? "")),
        el("p", {}, String(item.description ?? "")),
        el("div", { className: "row" }, (Array.isArray(item.actions) ? item.actions : []).map(action => action.type === "link"
          ? link(String(action.text ?? action.uri ?? ""), action.uri)
          : el("button", { type: "button", disabled: true, title: "A postback goes to the page around the widget, never to the bot." }, String(action.text ?? "")))))));
    case "article":
      return el("div", {}, items.map(item => el("div", { className: "card" },
        el("strong", {}, link(String(item.title ?? ""), item.link)), el("p", {}, String(item.description ?? "")))));
    case "form":
      return answered ? null : form(message, items);
    case "input_email":
      return message.attributes.submitted_email ? null : form(message, [{ name: "email", label: "E-mail", type: "email" }], values => asCustomer("email", { message: message.id, text: values[0].value }));
    default:
      return null;
  }
}

function form(message, items, submit) {
  const fields = items.map((item, index) => {
    const id = `field-${message.id}-${index}`;
    const name = String(item.name ?? "");
    const options = Array.isArray(item.options) ? item.options : [];
    const control = item.type === "select"
      ? el("select", { id, name, required: true }, options.map(o => el("option", { value: String(o.value ?? "") }, String(o.label ?? ""))))
      : el(item.type === "text_area" ? "textarea" : "input", {
        id, name, required: true, placeholder: String(item.placeholder ?? ""),
        type: item.type === "text_area" ? null : item.type === "email" ? "email" : "text",
        pattern: item.type === "text" && item.pattern ? String(item.pattern) : null,
        title: item.pattern_error ? String(item.pattern_error) : null,
      });
    return el("label", { htmlFor: id }, String(item.label ?? item.name ?? ""), control);
  });
  return el("form", {
    className: "fields",
    onsubmit: event => {
      event.preventDefault();
      const values = [...event.target.elements].filter(e => e.name).map(e => ({ name: e.name, value: e.value }));
      (submit ?? (fields => asCustomer("form", { message: message.id, fields })))(values);
    },
  }, fields, el("button", { type: "submit", className: "main" }, String(message.attributes.button_label ?? "Submit")));
}

function answerOf(message) {
  const values = message.attributes.submitted_values;
  const text = Array.isArray(values)
    ? values.map(v => v.title ?? `${v.name}: ${v.value}`).join(", ")
    : values ? JSON.stringify(values) : message.attributes.submitted_email;
  return text ? el("p", { className: "who" }, "Answered: " + text) : null;
}

function bubble(message, mine, forCustomer) {
  const classes = ["message"];
  if (message.kind === "activity") classes.push("line");
  else if (message.private) classes.push("note");
  if (mine) classes.push("mine");
  const time = new Date(message.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return el("div", { className: classes.join(" "), "data-message": message.id },
    message.kind !== "activity" && el("p", { className: "who" }, message.private ? "Private note · " : "", message.who, " · ", el("time", { dateTime: message.at }, time)),
    message.text && el("p", {}, ...markdown(message.text)),
    message.attachments.map(name => el("p", {}, "Attachment: " + name)),
    forCustomer ? interactive(message) : message.type !== "text" && el("p", { className: "who" }, message.type + listed(message)),
    answerOf(message));
}

function listed(message) {
  const items = Array.isArray(message.attributes.items) ? message.attributes.items : [];
  return items.length ? ": " + items.map(i => i?.title ?? i?.label ?? i?.name ?? "").join(" · ") : "";
}

// Only what is new is added, so that a half filled form survives and screen readers hear each message once.
function fill(log, key, messages, render) {
  if (log.dataset.key !== key) {
    log.replaceChildren();
    log.dataset.key = key;
  }
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const shown = new Map([...log.children].map(n => [n.dataset.message, n]));
  let added = false;
  for (const message of messages) {
    const signature = JSON.stringify([message.text, message.attributes, message.type]);
    const old = shown.get(String(message.id));
    shown.delete(String(message.id));
    if (old?.dataset.signature === signature) continue;
    const node = render(message);
    node.dataset.signature = signature;
    if (old) old.replaceWith(node);
    else { log.append(node); added = true; }
  }
  for (const gone of shown.values()) gone.remove();
  if (added && atEnd) log.scrollTop = log.scrollHeight;
}

function options(select, entries, chosen) {
  const signature = JSON.stringify(entries);
  if (select.dataset.signature !== signature) {
    select.dataset.signature = signature;
    select.replaceChildren(...entries.map(([value, text]) => el("option", { value: String(value) }, text)));
  }
  if (chosen !== null && chosen !== undefined) select.value = String(chosen);
}

function showCustomer() {
  const { customer, customersConversation: conversation } = state;
  seen.customer = customer?.id ?? null;
  options($("visitor"), state.customers.map(c => [c.id, `${c.name} on ${c.inbox}`]), seen.customer);
  options($("inbox"), state.inboxes.map(i => [i.id, `${i.name} (${i.channel.replace("Channel::", "")})`]));
  $("open-widget").disabled = customer !== null && customer.channel !== "Channel::WebWidget";
  fill($("customer-log"), `customer-${customer?.id}-${conversation?.id}`, conversation?.messages ?? [], m => bubble(m, m.kind === "incoming", true));
  $("typing").textContent = conversation?.typing ? "…is typing" : "";
}

function showDesk() {
  const conversation = state.conversation;
  const focused = $("conversations").contains(document.activeElement) ? document.activeElement.dataset.key : null;
  $("conversations").replaceChildren(...state.conversations.map(c => el("li", {}, el("button", {
    type: "button",
    "data-key": `${c.accountId}/${c.id}`,
    "aria-current": String(c.accountId === conversation?.accountId && c.id === conversation?.id),
    onclick: () => { seen.account = c.accountId; seen.conversation = c.id; refresh(); },
  }, el("span", {}, `#${c.id} ${c.customer}`), el("span", { className: "last" }, c.last ?? ""), el("span", { className: "badge" }, c.status)))));
  // The list is made anew; whoever walks through it with the keyboard stays where they are.
  if (focused) [...$("conversations").querySelectorAll("button")].find(b => b.dataset.key === focused)?.focus();
  $("conversation-title").textContent = conversation ? `#${conversation.id} ${conversation.customer}` : "No conversation yet";
  for (const button of document.querySelectorAll("#desk button")) button.disabled = !conversation;
  options($("user"), state.users.filter(u => !conversation || u.accountId === conversation.accountId).map(u => [u.id, u.name]));
  const facts = conversation ? {
    Status: conversation.status, Assignee: conversation.assignee ?? "nobody", Team: conversation.team, Priority: conversation.priority,
    Labels: conversation.labels.join(", "), "Can reply": conversation.canReply ? null : "no, the channel's window is closed", ...conversation.attributes,
  } : {};
  $("facts").replaceChildren(...Object.entries(facts).filter(([, v]) => v !== null && v !== undefined && v !== "")
    .flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, generic(value))]));
  fill($("desk-log"), `desk-${conversation?.accountId}-${conversation?.id}`, conversation?.messages ?? [], m => bubble(m, m.kind !== "incoming" && m.kind !== "activity", false));
}

function generic(value) {
  if (Array.isArray(value)) return value.length ? el("ul", {}, value.map(v => el("li", {}, generic(v)))) : document.createTextNode("none");
  if (value !== null && typeof value === "object") {
    return el("dl", {}, Object.entries(value).flatMap(([name, v]) => [el("dt", {}, name), el("dd", {}, generic(v))]));
  }
  return document.createTextNode(value === null ? "none" : String(value));
}

// What most turns are asked for comes first; the engine's own figures and the rest stay folded until somebody wants them.
function turn(t) {
  const { turn: id, at, messageId, decision, reason, text, understanding, slots, lookups, effects, adapterFailures, evidence, position, conversation, ...rest } = t;
  const ranked = Array.isArray(understanding) ? understanding.slice(0, 3) : [];
  const lines = [
    ["Known", Object.entries(slots ?? {}).map(([name, value]) => `${name.replaceAll("_", " ")}: ${value}`)],
    ["Looked up", (lookups ?? []).map(l => `${l.name}: ${l.outcome}`)],
    ["Failed", adapterFailures ?? []],
    ["Did", (effects ?? []).map(e => e.kind.replaceAll("-", " ") + (e.state === "done" ? "" : ` (${e.state}${e.error ? ": " + e.error : ""})`))],
  ].filter(([, entries]) => entries.length);
  return el("article", { className: "turn" },
    el("h3", {}, (decision ?? "turn").replaceAll("-", " ")),
    el("p", { className: "who" }, [at && new Date(at).toLocaleTimeString(), reason].filter(Boolean).join(" · ")),
    text && el("blockquote", {}, text),
    ranked.length > 0 && el("ul", { className: "ranked", "aria-label": "Understood" }, ranked.map(candidate)),
    lines.length > 0 && el("dl", {}, lines.flatMap(([name, entries]) => [el("dt", {}, name), el("dd", {}, entries.join(", "))])),
    el("details", {}, el("summary", {}, "More"),
      el("dl", {}, [
        ...(evidence ?? []).flatMap(e => [el("dt", {}, e.name), el("dd", {}, `${round(e.value)}: ${e.meaning}`)]),
        ...Object.entries({ ...rest, turn: id, message: messageId }).filter(([, v]) => v !== null && v !== undefined)
          .flatMap(([name, v]) => [el("dt", {}, name), el("dd", {}, generic(typeof v === "number" ? round(v) : v))]),
      ])));
}

function candidate(c) {
  const share = c.probability ?? c.confidence;
  return el("li", {},
    el("span", {}, c.intent),
    el("span", { className: "share" }, share === null || share === undefined ? "–" : `${Math.round(share * 100)} %`),
    el("meter", { min: 0, max: 1, value: share ?? 0, "aria-hidden": "true" }));
}

function round(value) {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

async function showTurns() {
  const conversation = state?.conversation;
  if (!conversation) {
    $("turns").replaceChildren("Nothing yet.");
    return;
  }
  const url = page.dataset.explanations
    .replace("{account}", encodeURIComponent(conversation.accountId)).replace("{conversation}", encodeURIComponent(conversation.id));
  let turns = null;
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    pause = response.status === 404 ? 10_000 : 2_000;
    const answer = response.ok ? await response.json() : null;
    turns = Array.isArray(answer) ? answer : answer?.turns ?? null;
  } catch {
    turns = null;
  }
  const signature = JSON.stringify([url, turns]);
  if (signature === turnsFor) return;
  if (Array.isArray(turns) && turns.length && signature !== turnsFor && turnsFor !== "") {
    const newest = turns[turns.length - 1];
    $("news").textContent = `The bot: ${(newest.decision ?? "").replaceAll("-", " ")}${newest.reason ? ", " + newest.reason : ""}`;
  }
  turnsFor = signature;
  $("turns").replaceChildren(...(Array.isArray(turns) && turns.length
    ? [...turns].reverse().map(turn)
    : [turns === null ? "No explanations are offered for this conversation." : "The bot has not decided anything yet."]));
}

let running = null;
let again = false;

// One refresh at a time; a change that comes meanwhile is caught by one more.
async function refresh() {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    do {
      again = false;
      const query = new URLSearchParams(Object.entries(seen).filter(([, v]) => v !== null));
      const response = await fetch(`${base}/demo/state?${query}`);
      if (!response.ok) throw new Error(String(response.status));
      state = await response.json();
      showCustomer();
      showDesk();
    } while (again);
  })();
  try {
    await running;
  } catch {
    $("trouble").textContent = "The playground does not answer.";
  } finally {
    running = null;
  }
  showTurns();
}

function sendOnEnter(textarea, form) {
  textarea.addEventListener("keydown", event => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}

$("say").addEventListener("submit", async event => {
  event.preventDefault();
  const text = $("say-text").value;
  if (text.trim() && await asCustomer("say", { text })) $("say-text").value = "";
});
$("desk").addEventListener("submit", event => { event.preventDefault(); write("reply"); });
sendOnEnter($("say-text"), $("say"));
sendOnEnter($("desk-text"), $("desk"));

async function write(what) {
  const text = $("desk-text").value;
  if (text.trim() && await act(what, { text })) $("desk-text").value = "";
}

for (const button of document.querySelectorAll("#desk button[type=button]")) {
  const what = button.dataset.act;
  button.addEventListener("click", () => what === "note" || what === "echo" ? write(what) : act(what));
}

$("photo").addEventListener("click", () => asCustomer("photo"));
$("open-widget").addEventListener("click", () => asCustomer("open"));
$("read").addEventListener("click", () => asCustomer("read"));
$("end-chat").addEventListener("click", () => asCustomer("end"));
$("start-over").addEventListener("click", () => asCustomer("over"));
$("new-visitor").addEventListener("click", () => act("visitor", { inbox: Number($("inbox").value) || null }));
$("visitor").addEventListener("change", event => {
  seen.customer = Number(event.target.value);
  seen.account = seen.conversation = null;
  refresh();
});

for (const phrase of JSON.parse(page.dataset.phrases)) {
  $("phrases").append(el("button", { type: "button", onclick: () => asCustomer("say", { text: phrase }) }, phrase));
}

const changes = new EventSource(base + "/demo/changes");
changes.onmessage = refresh;
changes.onopen = () => { $("trouble").textContent = ""; };
changes.onerror = () => { $("trouble").textContent = "Connection lost; trying again."; };

// A decision may be stored a moment after the message it belongs to; where no explanations are offered, looking again may take its time.
function lookAgain() {
  setTimeout(async () => {
    if (!document.hidden) await showTurns();
    lookAgain();
  }, pause);
}

lookAgain();
refresh();
