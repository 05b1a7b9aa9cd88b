"""How much of a page the layout found: true lines in one predicted line, merged, split, missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any, Final

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from ocrq.types import Box, PageResult, RegionKind
from training.evaluation.layout_truth import TrueLine, TruePage
from training.text_score import normalise

#: A true line is found in a predicted one that holds so much of its box ...
COVERED: Final = 0.8
#: ... and is at most so many times as high,
HIGHEST: Final = 1.8
#: or, by its text, where a line or a part of one has at most so many errors a character.
MOST_ERRORS: Final = 0.3


@dataclass(slots=True, kw_only=True)
class LayoutScore:
    """Counts over pages; `kinds` counts (true kind, predicted kind) of regions."""

    pages: int = 0
    lines: int = 0
    read: int = 0  # by text
    boxed: int = 0  # lines whose box is known
    found: int = 0  # by box
    merged: int = 0
    split: int = 0
    missed: int = 0
    extra: int = 0  # predicted lines where no true line is, words in pictures set aside
    pairs: int = 0  # of true lines that follow each other and were found as text
    order_errors: int = 0
    kinds: Counter[tuple[RegionKind, RegionKind | None]] = field(default_factory=Counter)
    unread: list[tuple[str, str]] = field(default_factory=list)  # (page, line)
    unreadable: list[tuple[str, str]] = field(default_factory=list)  # (page, why); none was found

    def add(self, page: TruePage, result: PageResult, *, ignore_case: bool = False) -> None:
        """Count one page."""
        self.pages += 1
        self.lines += len(page.lines)
        unread = unread_lines(page, result, ignore_case=ignore_case)
        self.read += len(page.lines) - len(unread)
        self.unread += [(page.name, line.text) for line in unread]
        drawn = {r.number for r in result.regions if r.kind is RegionKind.PICTURE_TEXT}
        aside = {line.box for line in result.lines if line.region in drawn}
        self._add_boxes(
            [line for line in page.lines if line.box], [box for box, _ in rows_of(result)], aside
        )
        for kind, box in page.regions:
            self.kinds[kind, _kind_at(box, result)] += 1

    def add_unreadable(self, page: TruePage, why: str) -> None:
        """Count a page whose scan cannot be read: nothing of it was found."""
        self.pages += 1
        self.unreadable.append((page.name, why))
        self.lines += len(page.lines)
        self.unread += [(page.name, line.text) for line in page.lines]
        self._add_boxes(page.lines, [])
        for kind, _box in page.regions:
            self.kinds[kind, None] += 1

    def _add_boxes(
        self, true: Sequence[TrueLine], lines: Sequence[Box], aside: Collection[Box] = ()
    ) -> None:
        boxes = [line.box for line in true if line.box]
        self.boxed += len(boxes)
        homes = [_home(box, lines) for box in boxes]
        for box, home in zip(boxes, homes, strict=True):
            if home is None:
                name = _why_not(box, boxes, lines)
                setattr(self, name, getattr(self, name) + 1)
            else:
                self.found += 1
        if boxes:
            self.extra += sum(
                all(_share(line, box) < 0.1 and _share(box, line) < 0.1 for box in boxes)
                for line in lines
                if line not in aside
            )
        # Words of a picture come after the text, wherever the picture stands.
        homes = [home if home is None or lines[home] not in aside else None for home in homes]
        places = [(home, box.x0_px) for home, box in zip(homes, boxes, strict=True)]
        for (before, x), (after, next_x) in pairwise(places):
            if before is not None and after is not None:
                self.pairs += 1
                self.order_errors += (after, next_x) < (before, x)

    def summary(self) -> dict[str, Any]:
        """Counts and shares; shares of nothing are null."""

        def share(part: int, whole: int) -> float | None:
            return part / whole if whole else None

        return {
            "pages": self.pages,
            "lines": self.lines,
            "read": share(self.read, self.lines),
            "boxed": self.boxed,
            "found": share(self.found, self.boxed),
            "merged": self.merged,
            "split": self.split,
            "missed": self.missed,
            "extra": self.extra,
            "order_errors": share(self.order_errors, self.pairs),
            "kinds": [
                {"true": true.value, "predicted": kind.value if kind else None, "count": count}
                for (true, kind), count in sorted(
                    self.kinds.items(), key=lambda item: (item[0][0], item[0][1] or "")
                )
            ],
            "unread": [{"page": name, "line": text} for name, text in self.unread],
            "unreadable": [{"page": name, "why": why} for name, why in self.unreadable],
        }


def unread_lines(
    page: TruePage, result: PageResult, *, ignore_case: bool = False
) -> list[TrueLine]:
    """True lines that no recognised line, nor a part of one, matches."""

    def plain(text: str) -> str:
        # How wide a gap has to be for a space is no matter of finding: "( 3 )" is "(3)".
        return normalise(text, ignore_case).replace(" ", "")

    if page.is_running:
        read = [plain("\n".join(text for _, text in rows_of(result)))]
    else:
        read = [plain(text) for _, text in rows_of(result)]
    return [
        line
        for line in page.lines
        if min((part_errors(plain(line.text), text) for text in read), default=1.0) > MOST_ERRORS
    ]


def part_errors(wanted: str, text: str) -> float:
    """Edits a character between a line and the part of a text that is most like it.

    >>> part_errors("TOTAL", "CASH T0TAL 12.00")
    0.2
    """
    if not wanted:
        return 0.0
    if len(text) <= len(wanted):
        return Levenshtein.distance(wanted, text) / len(wanted)
    place = fuzz.partial_ratio_alignment(wanted, text)
    if place is None:
        return 1.0
    windows = [
        text[max(0, place.dest_start - slack) : place.dest_end + slack] for slack in (0, 1, 2)
    ]
    return min(Levenshtein.distance(wanted, window) for window in windows) / len(wanted)


def rows_of(result: PageResult) -> list[tuple[Box, str]]:
    """Box and text of the lines of a page; the cells of one row of a table are one line."""
    rows: list[tuple[Box, str]] = []
    for _, cells in groupby(
        enumerate(result.lines),
        key=lambda item: (
            item[1].region,
            item[1].cell[0] if item[1].cell else None,
            None if item[1].cell else item[0],
        ),
    ):
        lines = [line for _, line in cells]
        rows.append((Box.union(line.box for line in lines), " ".join(line.text for line in lines)))
    return rows


def _home(box: Box, lines: Sequence[Box]) -> int | None:
    """The number of the predicted line that a true line is found in."""
    good = [
        (_share(box, line), -k)
        for k, line in enumerate(lines)
        if _share(box, line) >= COVERED and line.height_px <= HIGHEST * box.height_px
    ]
    return -max(good)[1] if good else None


def _why_not(box: Box, boxes: Sequence[Box], lines: Sequence[Box]) -> str:
    """Merged with a line above or below, split, or missed."""
    for line in lines:
        if _share(box, line) >= COVERED:
            beside = [b for b in boxes if b != box and _share(b, line) >= COVERED]
            if any(_apart(box, b) for b in beside):
                return "merged"
    parts = [_share(box, line) for line in lines]
    return "split" if sum(parts) >= COVERED and max(parts, default=0) < COVERED else "missed"


def _apart(a: Box, b: Box) -> bool:
    """Whether two lines are above each other."""
    off_px = abs(a.y0_px + a.y1_px - b.y0_px - b.y1_px) / 2
    return off_px >= 0.6 * min(a.height_px, b.height_px)


def _share(inner: Box, outer: Box) -> float:
    """How much of a box lies in another."""
    x = min(inner.x1_px, outer.x1_px) - max(inner.x0_px, outer.x0_px)
    y = min(inner.y1_px, outer.y1_px) - max(inner.y0_px, outer.y0_px)
    return max(0, x) * max(0, y) / (inner.width_px * inner.height_px)


def _kind_at(box: Box, result: PageResult) -> RegionKind | None:
    """Kind of the predicted region that shares most with a true one, union for its measure."""
    best, best_share = None, 0.0
    for region in result.regions:
        shared = _share(box, region.box) * box.width_px * box.height_px
        union = box.width_px * box.height_px + region.box.width_px * region.box.height_px - shared
        if shared / union > best_share:
            best, best_share = region.kind, shared / union
    return best
