// The characters in doubt in the order in which people look at them.

/** Characters of one line together, in reading order; the lines by their worst character. */
export function inOrder(doubts) {
  const lines = new Map();
  for (const doubt of doubts) {
    const key = `${doubt.page_id} ${doubt.line}`;
    if (!lines.has(key)) lines.set(key, []);
    lines.get(key).push(doubt);
  }
  return [...lines.values()].flatMap((own) => own.sort((a, b) => a.position - b.position));
}

/**
 * What could stand there: what was read, and its alternatives, none twice; and what somebody said
 * before who comes back to it ("": nothing stands there; null: they wrote the line), if that is
 * none of them.
 */
export function choicesOf(character, said) {
  const found = [{ char: character.char, confidence: character.confidence, isRead: true }];
  for (const [char, confidence] of character.alternatives) {
    if (char !== character.char) found.push({ char, confidence, isRead: false });
  }
  if (said !== undefined && !found.some(({ char }) => char === said)) {
    found.push({ char: said, confidence: null, isRead: false });
  }
  return found;
}

/** The last character of a text, composed; marks stay with their letter. */
export function lastCharacter(text) {
  const composed = text.normalize("NFC");
  const parts = [...new Intl.Segmenter().segment(composed)];
  return parts.length ? parts[parts.length - 1].segment : "";
}

const LEAST_WIDTH = 16; // of a strip, in heights of its line
const DRAWN_PX = 128; // height of a line in its picture: twice what it is shown in
const LONGEST_PX = 6000; // of a picture, by the API

/** The part of the page that shows a line: some paper around it, so that its neighbours help. */
export function stripOf(page, line) {
  const [x0, y0, x1, y1] = line.box;
  const above = Math.max(8, (y1 - y0) * 0.5);
  const beside = Math.max(above, ((y1 - y0) * LEAST_WIDTH - (x1 - x0)) / 2);
  return [
    Math.max(0, x0 - beside), Math.max(0, y0 - above),
    Math.min(page.width_px, x1 + beside), Math.min(page.height_px, y1 + above),
  ].map(Math.round);
}

/** The longer side that the picture of a strip needs: a long line stays sharp. */
export function pictureSize([x0, y0, x1, y1], line) {
  const scale = Math.min(1, DRAWN_PX / Math.max(1, line.box[3] - line.box[1]));
  return Math.round(Math.min(LONGEST_PX, Math.max(16, Math.max(x1 - x0, y1 - y0) * scale)));
}
