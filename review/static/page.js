// A page beside what was read on it; each line can be corrected where it stands.

import { ask, element, pictureOf, reviewer, say, sureness, whyNoPicture } from "./api.js";
import { pictureSize, stripOf } from "./cards.js";

const SHEET_PX = 2400; // longest side of the page's picture
const byId = (id) => document.getElementById(id);
const number = document.body.dataset.page;

let page;
let openLine = null;
let lastLine = -1; // that was open: F2 goes on from there
let openedAt = 0;
let isBusy = false;

async function load() {
  page = await ask(`/pages/${number}`);
  openLine = null;
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
}

function openAsked() {
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
  let picture = sheet.querySelector("img");
  if (!picture || picture.getAttribute("src") !== address) {
    picture = element("img");
    picture.alt = `scan of ${page.path}`;
    picture.src = address;
    picture.addEventListener("error", async () => say(await whyNoPicture(address)));
  }
  sheet.style.aspectRatio = `${page.width_px} / ${page.height_px}`;
  sheet.replaceChildren(picture);
  page.lines.forEach((line, k) => {
    const box = element("span", "line-box");
    box.id = `box-${k}`;
    place(line.box, box);
    box.addEventListener("click", () => goTo(k));
    sheet.append(box);
    for (const char of line.characters) {
      if (!isOpen(char)) continue;
      const mark = element("span", "doubt-box");
      place(char.box, mark);
      sheet.append(mark);
    }
  });
}

function drawLine(line, k) {
  const item = element("li", "line");
  item.id = `line-${k}`;
  if (k && page.lines[k - 1].region !== line.region) item.classList.add("new-region");
  const text = element("span", "line-text");
  text.tabIndex = 0;
  text.setAttribute("role", "button"); // Enter opens it
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
  item.addEventListener("click", () => {
    if (openLine !== k && getSelection().isCollapsed) goTo(k); // who marks text to copy it opens nothing
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    goTo(k);
  });
  item.addEventListener("mouseenter", () => byId(`box-${k}`).classList.add("near"));
  item.addEventListener("mouseleave", () => byId(`box-${k}`).classList.remove("near"));
  return item;
}

function focusLine(k) {
  const text = document.querySelector(`#line-${k} .line-text`);
  if (text) text.focus();
}

/** What was written into the open line and not saved; null if nothing was. */
function written() {
  if (openLine === null) return null;
  const text = document.querySelector(`#line-${openLine} input`).value;
  return text === page.lines[openLine].text ? null : text;
}

/** Open a line; what was written into the one that is open is saved first. */
async function goTo(k) {
  if (isBusy) return;
  const text = written();
  if (text === null) edit(k);
  else await store(openLine, text).then((isStored) => { if (isStored) edit(k); });
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
  openLine = lastLine = k;
  openedAt = performance.now();
  const line = page.lines[k];
  const item = byId(`line-${k}`);
  const form = element("form", "line-form");
  const frame = element("div", "strip-frame");
  const picture = element("img", "strip-picture");
  picture.alt = "";
  const strip = stripOf(page, line);
  picture.src = pictureOf(page, strip, pictureSize(strip, line));
  const field = element("input");
  field.value = line.text;
  field.spellcheck = false;
  field.autocomplete = "off";
  field.setAttribute("aria-label", `what line ${k + 1} reads`);
  const save = element("button", "", "save");
  const leave = element("button", "", "cancel");
  leave.type = "button";
  frame.append(picture);
  form.append(frame, field, save, leave);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    store(k, field.value).then((isStored) => { if (isStored) focusLine(k + 1); });
  });
  leave.addEventListener("click", (event) => { event.stopPropagation(); close(); focusLine(k); });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    close();
    focusLine(k);
  });
  item.replaceChildren(form);
  const box = byId(`box-${k}`);
  box.classList.add("open");
  box.scrollIntoView({ block: "center", inline: "nearest" });
  item.scrollIntoView({ block: "nearest" });
  const doubt = line.is_corrected ? -1 : line.characters.findIndex(isOpen);
  if (doubt >= 0) {
    // Before the focus, which brings what is marked into view; counted in UTF-16 as fields do.
    const before = line.characters.slice(0, doubt).map((c) => c.char).join("").length;
    field.setSelectionRange(before, before + line.characters[doubt].char.length);
    picture.addEventListener("load", () => {
      const middle = (line.characters[doubt].box[0] - strip[0]) / (strip[2] - strip[0]);
      frame.scrollLeft = middle * picture.offsetWidth - frame.clientWidth / 2;
    });
  }
  field.focus();
}

/** Store what a line reads, or confirm it as it is; says whether that worked. */
async function store(k, text) {
  if (isBusy) return false;
  isBusy = true;
  try {
    await send(k, text);
    const fresh = await ask(`/pages/${number}`);
    if (fresh.reading_id !== page.reading_id) {
      await load(); // read anew meanwhile
      return false;
    }
    page.lines[k] = fresh.lines[k];
    openLine = null;
    byId("lines").children[k].replaceWith(drawLine(page.lines[k], k));
    drawSheet();
    say("");
    return true;
  } catch (error) {
    if (error.status === 409) {
      await load().catch(() => undefined);
      say(`${error.message}; you wrote: ${text}`);
    } else {
      say(error.message);
    }
    return false;
  } finally {
    isBusy = false;
  }
}

async function send(k, text) {
  const line = page.lines[k];
  const said = { reading_id: page.reading_id, seen: line.text, reviewer: reviewer(), mode: "page",
    seconds: Math.min(3600, (performance.now() - openedAt) / 1000) };
  const path = `/pages/${page.page_id}/lines/${k}`;
  if ((await ask(path, { ...said, text })).stored) return;
  // A line that reads so already is right: its doubtful characters are confirmed one by one.
  const open = line.characters.map((char, position) => ({ char, position }))
    .filter(({ char }) => isOpen(char));
  for (const { char, position } of open) {
    await ask(`${path}/characters/${position}`, { ...said, kind: "replace", char: char.char });
  }
}

function isOpen(char) {
  return char.confidence < 0.9 && !char.is_settled;
}

function isDoubtful(line) {
  return line.characters.some(isOpen);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "F2" || !page) return;
  event.preventDefault();
  const later = page.lines.findIndex((line, k) => k > lastLine && isDoubtful(line));
  const first = page.lines.findIndex(isDoubtful);
  if (later >= 0) goTo(later);
  else if (first >= 0) goTo(first);
  else say("No line of this page is in doubt any more.");
});
window.addEventListener("beforeunload", (event) => {
  if (page && written() !== null) event.preventDefault();
});

load().then(openAsked).catch((error) => say(error.message));
