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
    return "".join(out)


def match_line(read: str, page_text: str, most_errors: float = 0.2) -> str | None:
    """The part of a page's running text that a line shows.

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
    slack = 6
    start = max(0, place.dest_start - slack)
    window = page_text[start : place.dest_end + slack]
    codes = [op for op in Levenshtein.opcodes(wanted, window) if op.tag == "equal"]
    if not codes:
        return None
    # The outermost equal runs bound the line; what was misread outside of them is put back.
    first, last = codes[0], codes[-1]
    left = max(0, first.dest_start - first.src_start)
    right = min(len(window), last.dest_end + len(wanted) - last.src_end)
    found = _whole_words(window, left, right, hyphenated=hyphenated)
    if Levenshtein.distance(wanted, found) > most_errors * len(wanted):
        return None
    return found + "-" if hyphenated else found


def _whole_words(window: str, left: int, right: int, *, hyphenated: bool) -> str:
    """Move the cuts to the nearest gap, at most two characters; a line holds whole words."""
    left = min(_gaps(window, left), key=lambda k: abs(k - left), default=left)
    if not hyphenated:
        right = min(_gaps(window, right), key=lambda k: abs(k - right), default=right)
    return window[left:right].strip()


def _gaps(window: str, near: int) -> list[int]:
    return [
        k
        for k in range(max(0, near - 2), min(len(window), near + 2) + 1)
        if k in (0, len(window)) or window[k] == " " or window[k - 1] == " "
    ]
