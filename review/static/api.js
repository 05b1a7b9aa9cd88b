// What the pages ask the server, and the pictures that they show.

/** Ask the API; throws an Error that says why it did not work. */
export async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(`/api${path}`, options);
  } catch {
    throw new Error("the server does not answer: is `ocrq review` still running?");
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const error = new Error(said.error || `the server answered ${answer.status}`);
    error.status = answer.status;
    throw error;
  }
  return said;
}

/** The address of the picture of a part of a page; box is [x0, y0, x1, y1] or null for all. */
export function pictureOf(page, box, longest) {
  const part = box ? `&box=${box.map(Math.round).join(",")}` : "";
  return `/api/pages/${page.page_id}/picture?longest=${longest}&reading=${page.reading_id}${part}`;
}

/** What the server says of a picture that did not load. */
export async function whyNoPicture(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? "" : (await answer.json()).error || "";
  } catch {
    return "the server does not answer";
  }
}

/** Under whose name corrections are noted. */
export function reviewer() {
  return document.getElementById("reviewer").value.trim() || "unknown";
}

/** An element with a class and text. */
export function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** A character as it is shown: a space must be seen, a mark alone needs something to stand on. */
export function shown(char) {
  if (char === "") return "∅";
  if (/^\s$/u.test(char)) return "␣";
  return /^\p{M}/u.test(char) ? `◌${char}` : char;
}

/** How sure a character is, as a class name; the limits are those of `ocrq inspect --stages`. */
export function sureness(confidence) {
  if (confidence < 0.9) return "doubtful";
  return confidence < 0.99 ? "fair" : "";
}

/** Say what went wrong, or nothing. */
export function say(message) {
  const place = document.getElementById("message");
  place.textContent = message;
  place.hidden = !message;
}
