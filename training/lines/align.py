"""Truth for real lines that was written for something else: upper-case labels, whole pages."""

from __future__ import annotations

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein


def recover_case(read: str, label: str, most_errors: float = 0.34) -> str | None:
    """A label written in capitals, with the letter case that a recogniser saw in the picture.

    Args:
        read: what a recogniser trained on true case reads.
        label: the truth but for its case.
        most_errors: edits a character beyond which the reading says nothing about the label.

    Returns:
        The label in the seen case; letters that were misread take the case of their neighbours'
        majority. None when the reading is too far from the label.

    >>> recover_case("Total Arnount", "TOTAL AMOUNT")
    'Total Amount'
    """
    if Levenshtein.distance(read.lower(), label.lower()) > most_errors * len(label):
        return None
    upper = sum(c.isupper() for c in read)
    letters = sum(c.isalpha() for c in read)
    shout = letters == 0 or upper > letters / 2
    out = [c.upper() if shout else c.lower() for c in label]
    for op in Levenshtein.opcodes(read.lower(), label.lower()):
        if op.tag == "equal":
            pairs = zip(
                range(op.src_start, op.src_end), range(op.dest_start, op.dest_end), strict=True
            )
            for source, target in pairs:
                if read[source].lower() == label[target].lower():
                    out[target] = read[source]
    return " ".join(map(_one_case, "".join(out).split(" ")))


def _one_case(word: str) -> str:
    """A word as people write it: capitals, small letters, or one capital at its start.

    >>> [_one_case(w) for w in ("TOTAl", "tOtal", "Total", "mI", "x5B", "O")]
    ['TOTAL', 'total', 'Total', 'mI', 'x5B', 'O']
    """
    letters = [c for c in word if c.isalpha()]
    if len(letters) < 3:
        return word
    first, rest = letters[0], letters[1:]
    if sum(c.isupper() for c in rest) * 2 > len(rest):
        return word.upper()
    start = word.index(first) + 1
    return word[:start] + word[start:].lower()


def match_line(read: str, page_text: str, most_errors: float = 0.2) -> str | None:
    """The part of a page's running text that a line shows.

    A label must be right to its last character, so a line whose ends cannot be placed beyond doubt
    has no match: an end must be read right within a character, and lie at a gap between words, but
    for the two halves of a hyphenated word.

    Args:
        read: what a recogniser reads in the line.
        page_text: the page's truth, lines joined by single spaces, hyphenation resolved.
        most_errors: edits a character beyond which there is no match.

    Returns:
        The truth of the line, with the hyphen that the page text has resolved; None for no match.

    >>> match_line("qu1ck brown fox ju-", "the quick brown fox jumps over")
    'quick brown fox ju-'
    """
    hyphenated = read.endswith("-")
    wanted = read[:-1] if hyphenated else read
    if len(wanted) < 6:
        return None
    place = fuzz.partial_ratio_alignment(wanted, page_text)
    if place is None or place.dest_end - place.dest_start < len(wanted) // 2:
        return None
    start = max(0, place.dest_start - _SLACK)
    window = page_text[start : place.dest_end + _SLACK]
    same = [op for op in Levenshtein.opcodes(wanted, window) if op.tag == "equal"]
    if not same:
        return None
    first, last = same[0], same[-1]
    unread = len(wanted) - last.src_end
    left, right = first.dest_start - first.src_start, last.dest_end + unread
    if first.src_start > 1 or unread > 1 or left < 0 or right > len(window):
        return None
    if not hyphenated and not _is_gap(window, right, at_end=start + len(window) == len(page_text)):
        return None
    found = window[left:right].strip()
    if Levenshtein.distance(wanted, found) > most_errors * len(wanted):
        return None
    return found + "-" if hyphenated else found


#: Characters looked at beyond the place that the search found.
_SLACK = 6


def _is_gap(window: str, k: int, *, at_end: bool) -> bool:
    """Whether position k lies between words; the window's own end only if the page ends there."""
    if k == len(window):
        return at_end
    return window[k] == " " or window[k - 1] in " —"


def match_page(reads: list[str], page_text: str) -> list[str | None]:
    """Truth for the lines of a page from top to bottom; None where none is certain.

    The first word of a line may be the second half of a word only after a hyphen.

    >>> match_page(["the quick br-", "own fox jumps", "wn fox jumps"], "the quick brown fox jumps")
    ['the quick br-', 'own fox jumps', None]
    """
    matched = [match_line(read, page_text) for read in reads]
    padded = f" {page_text} "
    out: list[str | None] = []
    for k, text in enumerate(matched):
        if text is not None:
            starts_word = f" {text.split()[0].rstrip('-')}" in padded
            before = matched[k - 1] if k and reads[k - 1].endswith("-") else ""
            if before == "":  # no hyphen: only a whole word can start the line
                text = text if starts_word else None
            elif starts_word:  # a word such as "in" of "main-/in" stands elsewhere too
                goes_on = before is not None and before[:-1] + text.rstrip("-") in page_text
                text = text if goes_on else None
        out.append(text)
    return out
