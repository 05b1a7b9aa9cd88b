// Characters in doubt, one after the other: look, choose, Enter.

import { ask, reviewer, say } from "./api.js";
import { listen } from "./card_keys.js";
import { drawChoices, drawPlace, drawStrip, drawText, preload } from "./card_view.js";
import { choicesOf, inOrder } from "./cards.js";

const AT_ONCE = 200;
const MOST = 1000; // rows of one answer of the API
const KEPT_CARDS = 100; // that one can go back to
const KEPT_PAGES = 30;
// No key counts before a card has stood so long: a second Enter by mistake was meant for the last.
const LOOK_MS = 250;
const batch = document.body.dataset.batch;
const byId = (id) => document.getElementById(id);

const pages = new Map(); // page id -> promise of the page
const answers = new Map(); // key of a card -> what was said: a character, "" for nothing; null: a line
const skipped = new Set(); // keys of cards
const skippedPages = new Set();
let cards = [];
let at = 0;
let areMore = false; // in doubt than the list has
let choices = [];
let chosen = 0;
let shownAt = 0;
let showing = 0; // number of the card that is on its way to the screen
let isReady = false; // the card on the screen is cards[at], with its picture
let hasFailed = false;
let isBusy = false;

const keyOf = (card) => `${card.page_id} ${card.line} ${card.position}`;

function pageOf(id) {
  if (!pages.has(id)) {
    const asked = ask(`/pages/${id}`);
    asked.catch(() => pages.delete(id)); // it is asked again the next time
    pages.set(id, asked);
    if (pages.size > KEPT_PAGES) pages.delete(pages.keys().next().value);
  }
  return pages.get(id);
}

async function load() {
  setReady(false);
  const without = [...skippedPages].map((id) => `&without_page=${id}`).join("");
  const limit = Math.min(MOST, AT_ONCE + skipped.size);
  const found = await ask(`/batches/${batch}/doubtful?limit=${limit}${without}`);
  const open = inOrder(found.filter((doubt) => !skipped.has(keyOf(doubt))));
  areMore = found.length >= limit;
  const again = new Set(open.map(keyOf));
  const past = cards.slice(0, at).filter((card) => !again.has(keyOf(card))).slice(-KEPT_CARDS);
  cards = [...past, ...open];
  at = past.length;
  pages.clear();
  if (open.length) await show();
  else finish();
}

function finish() {
  showing += 1;
  byId("card").hidden = true;
  byId("finished").hidden = false;
  const passed = skipped.size || skippedPages.size;
  const left = [`${answers.size} settled`];
  if (skipped.size) left.push(`${skipped.size} skipped`);
  if (skippedPages.size) left.push(`${skippedPages.size} pages skipped`);
  byId("progress").textContent = `${left.join(", ")}; nothing${passed ? " else" : ""} is in doubt.`;
  byId("finished-back").hidden = !cards.length;
  byId("finished").focus(); // not a button: an Enter too many does nothing
}

async function show() {
  const mine = ++showing;
  setReady(false);
  hasFailed = false;
  byId("line-form").hidden = true;
  try {
    await (at < cards.length ? draw(mine) : load());
  } catch (error) {
    if (mine === showing) hasFailed = true; // the next answer tries again
    if (byId("card").hidden) byId("finished").hidden = false;
    throw error;
  }
}

async function draw(mine) {
  const card = cards[at];
  const page = await pageOf(card.page_id);
  if (mine !== showing) return undefined; // somebody went on meanwhile
  const line = page.lines[card.line];
  const character = line && line.characters[card.position];
  if (!character || character.char !== card.char) { // the page was read anew
    cards.splice(at, 1);
    return show();
  }
  byId("finished").hidden = true;
  byId("card").hidden = false;
  say("");
  const open = cards.slice(at).filter((other) => !answers.has(keyOf(other))).length;
  byId("progress").textContent = `${answers.size} settled, ${open}${areMore ? " or more" : ""} to go`;
  drawText(line, card.position);
  drawPlace(page, card.line);
  choices = choicesOf(character, answers.get(keyOf(card)));
  choose(Math.max(0, choices.findIndex((choice) => choice.char === answers.get(keyOf(card)))));
  byId("typed").value = "";
  byId("typed").focus();
  await drawStrip(page, line, character);
  if (mine !== showing) return undefined;
  shownAt = performance.now();
  setTimeout(() => { if (mine === showing) setReady(true); }, LOOK_MS);
  const next = cards[at + 1];
  if (next) pageOf(next.page_id).then((p) => preload(p, next), () => undefined);
  return undefined;
}

function setReady(value) {
  isReady = value;
  byId("card").setAttribute("aria-busy", String(!value));
}

function choose(number) {
  chosen = (number + choices.length) % choices.length;
  drawChoices(choices, chosen, (choice) => guarded(settle(choice.char)));
}

/** Say what the character of this card is ("": nothing stands there), and go on. */
async function settle(char) {
  if (char === null) { // the line as they wrote it
    if (isReady && !isBusy) move(1);
    return;
  }
  if ([...char].length > 1) {
    say(`${char} is more than one character: edit the line (F2)`);
    return;
  }
  await send(async (card, page, line, said) => {
    const path = `/pages/${page.page_id}/lines/${card.line}/characters/${card.position}`;
    const kind = char ? "replace" : "delete";
    line.text = (await ask(path, { ...said, kind, char })).text;
    answers.set(keyOf(card), char);
    at += 1;
  });
}

/** Say what the whole line reads; its other characters are settled with it. */
async function settleLine(text) {
  await send(async (card, page, line, said) => {
    const answer = await ask(`/pages/${page.page_id}/lines/${card.line}`, { ...said, text });
    line.text = answer.text;
    if (!answer.stored) { // it reads so already: that settles the character that was asked about
      if (!answers.has(keyOf(card))) {
        const path = `/pages/${page.page_id}/lines/${card.line}/characters/${card.position}`;
        await ask(path, { ...said, kind: "replace", char: card.char });
        answers.set(keyOf(card), card.char);
      }
      at += 1;
      return;
    }
    const isOfLine = (other) => other.page_id === card.page_id && other.line === card.line;
    cards.filter(isOfLine).forEach((other) => answers.set(keyOf(other), null));
    while (at < cards.length && isOfLine(cards[at])) at += 1;
  }, text);
}

async function send(work, written = "") {
  if (hasFailed && !isBusy) {
    guarded(show()); // the server may be back
    return;
  }
  if (isBusy || !isReady || at >= cards.length) return;
  isBusy = true;
  setReady(false);
  const card = cards[at];
  byId("card").classList.add("waiting");
  try {
    const page = await pageOf(card.page_id);
    const line = page.lines[card.line];
    const seconds = Math.min(3600, (performance.now() - shownAt) / 1000);
    const said = { reading_id: page.reading_id, seen: line.text, reviewer: reviewer(),
      mode: "review", seconds };
    await work(card, page, line, said);
    skipped.delete(keyOf(card));
    say("");
    await show();
  } catch (error) {
    if (error.status === 409) { // changed meanwhile: show it as it is now
      await load().catch(() => { hasFailed = true; });
    } else if (!hasFailed) {
      setReady(true);
    }
    say(error.message + (written && error.status === 409 ? `; you wrote: ${written}` : ""));
  } finally {
    isBusy = false;
    byId("card").classList.remove("waiting");
  }
}

function move(step) {
  if (isBusy || isEdited()) return;
  if (step > 0 && at < cards.length && !answers.has(keyOf(cards[at]))) skipped.add(keyOf(cards[at]));
  at = Math.min(cards.length, Math.max(0, at + step));
  if (step < 0 && cards[at]) skipped.delete(keyOf(cards[at]));
  guarded(show());
}

function skipPage() {
  if (isBusy || isEdited() || at >= cards.length) return;
  const id = cards[at].page_id;
  skippedPages.add(id);
  cards = cards.filter((card, k) => k < at || card.page_id !== id);
  guarded(show());
}

function lookAgain() {
  skipped.clear();
  skippedPages.clear();
  guarded(show());
}

async function editLine() {
  if (!isReady) return;
  const field = byId("line-text");
  if (byId("line-form").hidden) {
    const page = await pageOf(cards[at].page_id);
    field.value = field.defaultValue = page.lines[cards[at].line].text;
    byId("line-form").hidden = false;
  }
  field.focus();
}

/** Whether a line is being written that was not saved; says so. */
function isEdited() {
  const field = byId("line-text");
  const isOpen = !byId("line-form").hidden && field.value !== field.defaultValue;
  if (isOpen) say("The line is not saved yet: Enter saves it, Esc leaves it.");
  return isOpen;
}

function leaveLine() {
  byId("line-form").hidden = true;
  say("");
  byId("typed").focus();
}

function guarded(promise) {
  promise.catch((error) => say(error.message));
}

const take = () => guarded(settle(byId("typed").value || choices[chosen].char));
const edit = () => guarded(editLine());
const back = () => move(-1);

listen({
  keys: {
    Enter: take,
    ArrowRight: () => choose(chosen + 1),
    ArrowLeft: () => choose(chosen - 1),
    Delete: (event) => guarded(event.shiftKey ? settleLine("") : settle("")),
    Tab: (event) => move(event.shiftKey ? -1 : 1),
    PageDown: skipPage,
    Escape: () => byId("place").firstChild.focus(), // from there Tab goes on as anywhere
  },
  clicks: {
    take,
    missing: () => guarded(settle("")),
    skip: () => move(1),
    back,
    "finished-back": back,
    again: lookAgain,
    "skip-page": skipPage,
    whole: edit,
    "line-out": () => guarded(settleLine("")),
    "line-cancel": leaveLine,
  },
  edit,
  back,
});
byId("line-read").addEventListener("click", async () => {
  const page = await pageOf(cards[at].page_id);
  byId("line-text").value = page.lines[cards[at].line].machine_text;
  byId("line-text").focus();
});
byId("line-form").addEventListener("submit", (event) => {
  event.preventDefault();
  guarded(settleLine(byId("line-text").value));
});
byId("line-form").addEventListener("keydown", (event) => {
  if (event.key === "Escape") leaveLine();
});
window.addEventListener("beforeunload", (event) => {
  if (isEdited()) event.preventDefault();
});

guarded(show());
