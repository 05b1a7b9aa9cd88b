// A page beside what was read on it; each line can be corrected where it stands.

import { ask, element, pictureOf, reviewer, say, sureness, whyNoPicture } from "./api.js";
import { stripOf } from "./cards.js";

const SHEET_PX = 2400; // longest side of the page's picture
const STRIP_PX = 1600;
const byId = (id) => document.getElementById(id);
const number = document.body.dataset.page;

let page;
let openLine = null;
let openedAt = 0;

async function load() {
  page = await ask(`/pages/${number}`);
  const where = byId("where");
  where.replaceChildren(`${page.path}, page ${page.number}, read by ${page.model} `);
  for (const [text, id] of [["‹ page before", page.previous_page_id], ["next page ›", page.next_page_id]]) {
    if (id === null) continue;
    const link = element("a", "button", text);
    link.href = `/pages/${id}`;
    where.append(" ", link);
  }
  drawSheet();
  byId("lines").replaceChildren(...page.lines.map(drawLine));
  if (!page.lines.length) byId("lines").append(element("li", "note", "Nothing was read on this page."));
  const asked = /^#line-(\d+)$/.exec(location.hash);
  if (asked && page.lines[Number(asked[1])]) edit(Number(asked[1]));
}

function place(box, of) {
  of.style.left = `${100 * box[0] / page.width_px}%`;
  of.style.top = `${100 * box[1] / page.height_px}%`;
  of.style.width = `${100 * (box[2] - box[0]) / page.width_px}%`;
  of.style.height = `${100 * (box[3] - box[1]) / page.height_px}%`;
}

function drawSheet() {
  const sheet = byId("scan");
  const address = pictureOf(page, null, SHEET_PX);
  const picture = element("img");
  picture.alt = `scan of ${page.path}`;
  picture.src = address;
  picture.addEventListener("error", async () => say(await whyNoPicture(address)));
  sheet.style.aspectRatio = `${page.width_px} / ${page.height_px}`;
  sheet.replaceChildren(picture);
  page.lines.forEach((line, k) => {
    const box = element("span", "line-box");
    box.id = `box-${k}`;
    place(line.box, box);
    box.addEventListener("click", () => edit(k));
    sheet.append(box);
    for (const char of line.characters) {
      if (char.confidence >= 0.9 || char.is_settled || char.char === " ") continue;
      const mark = element("span", "doubt-box");
      place(char.box, mark);
      sheet.append(mark);
    }
  });
}

function drawLine(line, k) {
  const item = element("li", "line");
  item.id = `line-${k}`;
  item.tabIndex = 0;
  if (k && page.lines[k - 1].region !== line.region) item.classList.add("new-region");
  const text = element("span", "line-text");
  if (line.is_corrected) {
    text.append(element("span", line.text ? "corrected" : "corrected empty", line.text || "(nothing)"));
    text.title = `the machine read: ${line.machine_text}`;
  } else {
    for (const char of line.characters) {
      const className = char.is_settled ? "" : sureness(char.confidence);
      if (!className) {
        text.append(char.char);
        continue;
      }
      const span = element("span", className, char.char);
      const others = char.alternatives.map(([c, p]) => `${c} ${Math.round(100 * p)} %`).join(", ");
      span.title = `${Math.round(100 * char.confidence)} % sure${others ? `; or ${others}` : ""}`;
      text.append(span);
    }
  }
  item.append(text);
  item.addEventListener("click", () => { if (openLine !== k) edit(k); });
  item.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === item) edit(k);
  });
  item.addEventListener("mouseenter", () => byId(`box-${k}`).classList.add("near"));
  item.addEventListener("mouseleave", () => byId(`box-${k}`).classList.remove("near"));
  return item;
}

function close() {
  if (openLine === null) return;
  const k = openLine;
  openLine = null;
  byId(`box-${k}`).classList.remove("open");
  byId(`line-${k}`).replaceWith(drawLine(page.lines[k], k));
}

function edit(k) {
  close();
  openLine = k;
  openedAt = performance.now();
  const line = page.lines[k];
  const item = byId(`line-${k}`);
  const form = element("form", "line-form");
  const picture = element("img", "strip-picture");
  picture.alt = "";
  picture.src = pictureOf(page, stripOf(page, line), STRIP_PX);
  const field = element("input");
  field.value = line.text;
  field.spellcheck = false;
  field.autocomplete = "off";
  field.setAttribute("aria-label", `what line ${k + 1} reads`);
  const save = element("button", "", "save");
  const leave = element("button", "", "cancel");
  leave.type = "button";
  form.append(picture, field, save, leave);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    store(k, field.value).catch((error) => say(error.message));
  });
  leave.addEventListener("click", (event) => { event.stopPropagation(); close(); });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    close();
    byId(`line-${k}`).focus();
  });
  item.replaceChildren(form);
  const box = byId(`box-${k}`);
  box.classList.add("open");
  box.scrollIntoView({ block: "center", inline: "nearest" });
  item.scrollIntoView({ block: "nearest" });
  field.focus();
  const doubt = line.is_corrected ? -1
    : line.characters.findIndex((c) => c.confidence < 0.9 && !c.is_settled);
  if (doubt >= 0) field.setSelectionRange(doubt, doubt + 1);
}

async function store(k, text) {
  const line = page.lines[k];
  const said = { reading_id: page.reading_id, seen: line.text, reviewer: reviewer(), mode: "page",
    seconds: Math.min(3600, (performance.now() - openedAt) / 1000) };
  try {
    const path = `/pages/${page.page_id}/lines/${k}`;
    const answer = await ask(path, { ...said, text });
    // A line that reads so already is right: its doubtful characters are confirmed one by one.
    const open = answer.stored || line.is_corrected ? [] : line.characters
      .map((char, position) => ({ char, position }))
      .filter(({ char }) => char.confidence < 0.9 && !char.is_settled);
    for (const { char, position } of open) {
      await ask(`${path}/characters/${position}`, { ...said, kind: "replace", char: char.char });
    }
  } catch (error) {
    if (error.status === 409) {
      openLine = null;
      await load();
    }
    throw error;
  }
  say("");
  openLine = null;
  const fresh = await ask(`/pages/${number}`);
  page.lines[k] = fresh.lines[k];
  byId("lines").children[k].replaceWith(drawLine(page.lines[k], k));
  drawSheet();
  if (k + 1 < page.lines.length) byId(`line-${k + 1}`).focus();
}

function isDoubtful(line) {
  return !line.is_corrected && line.characters.some((c) => c.confidence < 0.9 && !c.is_settled);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "F2" || !page) return;
  event.preventDefault();
  const from = openLine === null ? -1 : openLine;
  const later = page.lines.findIndex((line, k) => k > from && isDoubtful(line));
  const first = page.lines.findIndex(isDoubtful);
  if (later >= 0) edit(later);
  else if (first >= 0) edit(first);
  else say("No line of this page is in doubt any more.");
});

load().catch((error) => say(error.message));
