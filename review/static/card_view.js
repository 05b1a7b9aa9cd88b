// How a character in doubt is drawn: its line on the scan, its text, what it could be.

import { element, pictureOf, say, shown, whyNoPicture } from "./api.js";
import { pictureSize, stripOf } from "./cards.js";

const LINE_PX = 64; // height in which a line is shown
const PATIENCE_MS = 10_000; // with a picture that does not come
const MOST_SCALE = 4; // beyond which a tiny line only gets blurred
const byId = (id) => document.getElementById(id);

/** The picture of the line, the character framed; waits until it is seen, or says why it is not. */
export async function drawStrip(page, line, character) {
  const strip = stripOf(page, line);
  const [x0, y0, x1, y1] = strip;
  const holder = byId("strip");
  const address = pictureOf(page, strip, pictureSize(strip, line));
  const picture = element("img");
  picture.alt = `picture of the line: ${line.machine_text}`;
  const mark = element("span", "mark");
  const [cx0, cy0, cx1, cy1] = character.box;
  mark.style.left = `${100 * (cx0 - x0) / (x1 - x0)}%`;
  mark.style.width = `${100 * (cx1 - cx0) / (x1 - x0)}%`;
  mark.style.top = `${100 * (cy0 - y0) / (y1 - y0)}%`;
  mark.style.height = `${100 * (cy1 - cy0) / (y1 - y0)}%`;
  const scale = Math.min(MOST_SCALE, LINE_PX / Math.max(1, line.box[3] - line.box[1]));
  holder.style.width = `${Math.max(160, (x1 - x0) * scale)}px`;
  holder.style.aspectRatio = `${x1 - x0} / ${y1 - y0}`; // nothing jumps when the picture comes
  holder.replaceChildren(picture, mark);
  const frame = holder.parentElement;
  const middle = ((cx0 + cx1) / 2 - x0) / (x1 - x0);
  frame.scrollLeft = middle * holder.offsetWidth - frame.clientWidth / 2;
  picture.src = address;
  let waited;
  const patience = new Promise((resolve) => { waited = setTimeout(resolve, PATIENCE_MS, "late"); });
  try {
    const came = await Promise.race([picture.decode(), patience]);
    if (came === "late" && picture.isConnected) {
      say("The picture is still loading; the text can be corrected without it.");
    }
  } catch {
    // The text can be corrected without the picture. Another card may be shown by now.
    if (picture.isConnected) {
      const why = await whyNoPicture(address);
      if (picture.isConnected) say(why);
    }
  } finally {
    clearTimeout(waited);
  }
}

/** Have the picture of the next card at hand. */
export function preload(page, card) {
  const line = page.lines[card.line];
  if (!line) return;
  const strip = stripOf(page, line);
  new Image().src = pictureOf(page, strip, pictureSize(strip, line));
}

/** The line as the machine read it, the character marked; and as it reads by now. */
export function drawText(line, position) {
  const text = byId("text");
  text.replaceChildren();
  [...line.machine_text].forEach((char, k) => {
    text.append(k === position ? element("mark", "", shown(char)) : char);
  });
  if (line.text !== line.machine_text) {
    text.append(element("span", "now", `now: ${line.text || "(nothing)"}`));
  }
}

/** Where the line stands; its page opens beside this one, which keeps its place. */
export function drawPlace(page, line) {
  const link = element("a", "", `${page.path}, page ${page.number}, line ${line + 1}`);
  link.href = `/pages/${page.page_id}#line-${line}`;
  link.target = "_blank";
  link.rel = "noopener";
  byId("place").replaceChildren(link);
}

/** What it could be; `take` is called with the choice that is clicked. */
export function drawChoices(choices, chosen, take) {
  byId("choices").replaceChildren(...choices.map((choice, k) => {
    const button = element("button", k === chosen ? "choice chosen" : "choice");
    button.type = "button";
    button.setAttribute("aria-pressed", String(k === chosen));
    button.append(element("b", "", choice.char === null ? "✎" : shown(choice.char)), element("small", "", noteOf(choice)));
    button.addEventListener("click", () => take(choice));
    return button;
  }));
  speak(`${spoken(choices[chosen].char)}, ${noteOf(choices[chosen])}`);
}

function spoken(char) {
  if (char === null) return "the line";
  return char === " " ? "space" : char || "nothing";
}

function noteOf(choice) {
  if (choice.char === null) return "as you wrote it";
  if (choice.confidence === null) return "as you said";
  return `${Math.round(100 * choice.confidence)} %${choice.isRead ? " read" : ""}`;
}

/** Tell screen readers what is chosen: the focus stays in the field. */
function speak(text) {
  byId("spoken").textContent = text;
}
