// Which key and which button does what to a character in doubt.

import { lastCharacter } from "./cards.js";

const byId = (id) => document.getElementById(id);

/** Listen; `keys` says what keys do, `clicks` what buttons do, by their ids. */
export function listen({ keys, clicks, edit, back }) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const { target, key } = event;
    if (byId("card").hidden) {
      if (key !== "Tab" || !event.shiftKey || !byId("finished").contains(target)) return;
      event.preventDefault();
      back();
    } else if (key === "F2") {
      event.preventDefault();
      edit();
    } else if (target === byId("typed") || target === document.body) {
      // Who clicked beside everything still means the card; buttons and other fields keep their keys.
      onCard(event, keys[key]);
    }
  });
  byId("typed").addEventListener("input", (event) => {
    if (!event.isComposing) keepLast();
  });
  byId("typed").addEventListener("compositionend", keepLast);
  for (const [id, action] of Object.entries(clicks)) byId(id).addEventListener("click", action);
}

function onCard(event, take) {
  if (!take) {
    if (event.key.length === 1) byId("typed").focus();
    return;
  }
  event.preventDefault();
  const mayRepeat = event.key.startsWith("Arrow");
  if (!event.repeat || mayRepeat) take(event); // a key that is held says it once
  if (event.target === document.body && event.key !== "Escape") byId("typed").focus();
}

function keepLast() {
  byId("typed").value = lastCharacter(byId("typed").value);
}
