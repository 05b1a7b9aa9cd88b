// Characters in doubt, one after the other: look, choose, Enter.

import { ask, element, pictureOf, reviewer, say, shown, whyNoPicture } from "./api.js";
import { choicesOf, inOrder, stripOf } from "./cards.js";

const AT_ONCE = 200;
const STRIP_PX = 1600; // longest side of a line's picture
const batch = document.body.dataset.batch;
const byId = (id) => document.getElementById(id);

const pages = new Map(); // page id -> promise of the page
const skipped = new Set(); // "page line position"
let cards = [];
let at = 0;
let settled = 0;
let chosen = 0;
let choices = [];
let shownAt = performance.now();
let isBusy = false;

const keyOf = (card) => `${card.page_id} ${card.line} ${card.position}`;

function pageOf(id) {
  if (!pages.has(id)) pages.set(id, ask(`/pages/${id}`));
  return pages.get(id);
}

async function load() {
  const found = await ask(`/batches/${batch}/doubtful?limit=${AT_ONCE + skipped.size}`);
  cards = inOrder(found.filter((doubt) => !skipped.has(keyOf(doubt))));
  at = 0;
  pages.clear();
  await show();
}

async function show() {
  byId("line-form").hidden = true;
  if (at >= cards.length) {
    if (cards.length) return load();
    byId("card").hidden = true;
    byId("progress").textContent = skipped.size
      ? `${settled} settled, ${skipped.size} skipped; nothing else is in doubt.`
      : `${settled} settled; nothing is in doubt.`;
    return undefined;
  }
  const card = cards[at];
  const page = await pageOf(card.page_id);
  const line = page.lines[card.line];
  const character = line.characters[card.position];
  byId("card").hidden = false;
  const more = cards.length >= AT_ONCE ? " or more" : "";
  byId("progress").textContent = `${settled} settled, ${cards.length - at}${more} to go`;
  await drawStrip(page, line, character);
  drawText(line, card.position);
  byId("place").replaceChildren(
    element("a", "", `${page.path}, page ${page.number}, line ${card.line + 1}`));
  byId("place").firstChild.href = `/pages/${page.page_id}#line-${card.line}`;
  choices = choicesOf(character);
  choose(0);
  byId("typed").value = "";
  byId("typed").focus();
  shownAt = performance.now();
  const next = cards[at + 1];
  if (next) pageOf(next.page_id).then((p) => {
    new Image().src = pictureOf(p, stripOf(p, p.lines[next.line]), STRIP_PX);
  }, () => undefined);
  return undefined;
}

async function drawStrip(page, line, character) {
  const strip = stripOf(page, line);
  const [x0, y0, x1, y1] = strip;
  const holder = byId("strip");
  const address = pictureOf(page, strip, STRIP_PX);
  const picture = element("img");
  picture.alt = `picture of the line: ${line.machine_text}`;
  picture.src = address;
  const mark = element("span", "mark");
  const [cx0, cy0, cx1, cy1] = character.box;
  mark.style.left = `${100 * (cx0 - x0) / (x1 - x0)}%`;
  mark.style.width = `${100 * (cx1 - cx0) / (x1 - x0)}%`;
  mark.style.top = `${100 * (cy0 - y0) / (y1 - y0)}%`;
  mark.style.height = `${100 * (cy1 - cy0) / (y1 - y0)}%`;
  // A line is shown some 64 px high, a short one not stretched beyond that.
  const scale = 64 / Math.max(1, line.box[3] - line.box[1]);
  holder.style.width = `${Math.max(160, (x1 - x0) * scale)}px`;
  holder.replaceChildren(picture, mark);
  picture.addEventListener("error", async () => say(await whyNoPicture(address)));
  try {
    await picture.decode();
    say("");
    const middle = (cx0 + cx1) / 2 - x0;
    const frame = holder.parentElement;
    frame.scrollLeft = middle / (x1 - x0) * holder.offsetWidth - frame.clientWidth / 2;
  } catch {
    // The error handler says why; the text can be corrected without the picture.
  }
}

function drawText(line, position) {
  const text = byId("text");
  text.replaceChildren();
  [...line.machine_text].forEach((char, k) => {
    text.append(k === position ? element("mark", "", shown(char)) : char);
  });
  if (line.text !== line.machine_text) text.append(element("span", "now", `now: ${line.text}`));
}

function choose(number) {
  chosen = (number + choices.length) % choices.length;
  byId("choices").replaceChildren(...choices.map((choice, k) => {
    const button = element("button", k === chosen ? "choice chosen" : "choice");
    button.type = "button";
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", String(k === chosen));
    button.append(element("b", "", shown(choice.char)),
      element("small", "", `${Math.round(100 * choice.confidence)} %${choice.isRead ? " read" : ""}`));
    button.addEventListener("click", () => settle("replace", choice.char));
    return button;
  }));
}

/** Say what the character of this card is, and go on. */
async function settle(kind, char) {
  await send(async (card, page, line, said) => {
    const path = `/pages/${page.page_id}/lines/${card.line}/characters/${card.position}`;
    const answer = await ask(path, { ...said, kind, char });
    line.text = answer.text;
    settled += 1;
    at += 1;
  });
}

/** Say what the whole line reads; its other characters are settled with it. */
async function settleLine(text) {
  await send(async (card, page, line, said) => {
    const answer = await ask(`/pages/${page.page_id}/lines/${card.line}`, { ...said, text });
    line.text = answer.text;
    if (!answer.stored) { // it reads so already: that settles the character that was asked about
      const path = `/pages/${page.page_id}/lines/${card.line}/characters/${card.position}`;
      await ask(path, { ...said, kind: "replace", char: card.char });
      settled += 1;
      at += 1;
      return;
    }
    while (at < cards.length && cards[at].page_id === card.page_id && cards[at].line === card.line) {
      settled += 1;
      at += 1;
    }
  });
}

async function send(work) {
  if (isBusy || at >= cards.length) return;
  isBusy = true;
  const card = cards[at];
  try {
    const page = await pageOf(card.page_id);
    const line = page.lines[card.line];
    const seconds = Math.min(3600, (performance.now() - shownAt) / 1000);
    const said = { reading_id: page.reading_id, seen: line.text, reviewer: reviewer(),
      mode: "review", seconds };
    await work(card, page, line, said);
    say("");
    await show();
  } catch (error) {
    if (error.status === 409) { // changed meanwhile: show it as it is now
      await load().catch(() => undefined);
    }
    say(error.message);
  } finally {
    isBusy = false;
  }
}

function move(step) {
  if (isBusy) return;
  if (step > 0 && at < cards.length) skipped.add(keyOf(cards[at]));
  at = Math.max(0, at + step);
  if (step < 0 && cards[at]) skipped.delete(keyOf(cards[at]));
  guarded(show());
}

async function editLine() {
  if (at >= cards.length) return;
  const page = await pageOf(cards[at].page_id);
  const field = byId("line-text");
  field.value = page.lines[cards[at].line].text;
  byId("line-form").hidden = false;
  field.focus();
}

function guarded(promise) {
  promise.catch((error) => say(error.message));
}

byId("typed").addEventListener("keydown", (event) => {
  const field = byId("typed");
  if (event.key === "Enter") {
    event.preventDefault();
    guarded(settle("replace", field.value || choices[chosen].char));
  } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    event.preventDefault();
    choose(chosen + (event.key === "ArrowRight" ? 1 : -1));
  } else if (event.key === "Delete") {
    event.preventDefault();
    guarded(settle("delete", ""));
  } else if (event.key === "Tab") {
    event.preventDefault();
    move(event.shiftKey ? -1 : 1);
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
    field.value = ""; // the last character typed counts
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "F2") {
    event.preventDefault();
    guarded(editLine());
  }
});
byId("missing").addEventListener("click", () => guarded(settle("delete", "")));
byId("skip").addEventListener("click", () => move(1));
byId("back").addEventListener("click", () => move(-1));
byId("whole").addEventListener("click", () => guarded(editLine()));
byId("line-form").addEventListener("submit", (event) => {
  event.preventDefault();
  guarded(settleLine(byId("line-text").value));
});
function leaveLine() {
  byId("line-form").hidden = true;
  byId("typed").focus();
}
byId("line-cancel").addEventListener("click", leaveLine);
byId("line-text").addEventListener("keydown", (event) => {
  if (event.key === "Escape") leaveLine();
});

guarded(load());
