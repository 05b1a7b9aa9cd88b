"""Pages whose lines are known: folders with boxes or texts, and drawn pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ocrq.errors import UsageError
from ocrq.types import Box, RegionKind
from pipeline.image import GrayImage, PageImage
from pipeline.limits import Limits
from pipeline.load import load_page
from training.pagegen.fonts import FontSet
from training.pagegen.pages import PageKind, draw_page

#: Truth with a line longer than this is running text, whose line breaks are not known.
_LINE_CHARS: Final = 110
_PIECE_CHARS: Final = 50  # of running text that is looked for at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueLine:
    """A line of the truth; without a box where only the text is known."""

    text: str
    box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TruePage:
    """What is on a page, in reading order."""

    name: str
    lines: tuple[TrueLine, ...]
    is_running: bool = False  # lines are pieces of running text, not lines of the page
    regions: tuple[tuple[RegionKind, Box], ...] = ()


def folder_pages(folder: Path) -> Iterator[tuple[TruePage, Path]]:
    """The scans img/NAME.* of a folder, each with its truth of box/NAME.csv or truth/NAME.txt.

    Boxes are rows of x1,y1,...,x4,y4,text (px); they go before texts.

    Raises:
        UsageError: a folder without scans, a scan without truth, or a bad row.
    """
    scans = sorted(p for p in (folder / "img").glob("*") if p.is_file())
    if not scans:
        raise UsageError(f"{folder}: no scans in {folder / 'img'}")
    for scan in scans:
        boxes, text = folder / "box" / f"{scan.stem}.csv", folder / "truth" / f"{scan.stem}.txt"
        if boxes.is_file():
            page = TruePage(name=scan.stem, lines=_box_rows(boxes))
        elif text.is_file():
            page = text_page(scan.stem, text.read_text("utf-8-sig", "replace"))
        else:
            raise UsageError(f"{scan}: neither {boxes} nor {text} is there")
        yield page, scan


def load_scan(path: Path) -> PageImage:
    """The first page of a scan.

    Raises:
        PageError: it cannot be read.
        OSError: the storage is in trouble.
    """
    return load_page(str(path), 0, Limits(), None)


def drawn_pages(
    count: int, fonts: FontSet, strength: float
) -> Iterator[tuple[TruePage, GrayImage]]:
    """`count` random pages of every kind with the truth about each."""
    for kind in PageKind:
        for seed in range(count):
            page = draw_page(kind, seed, fonts=fonts, strength=strength)
            regions = tuple((region.kind, region.box) for region in page.regions)
            lines = tuple(TrueLine(text=line.text, box=line.box) for line in page.lines)
            yield TruePage(name=f"{kind}-{seed}", lines=lines, regions=regions), page.gray


def text_page(name: str, text: str) -> TruePage:
    """The lines of a text; running text is cut into pieces between words.

    >>> page = text_page("p", "word " * 40)
    >>> page.is_running, len(page.lines)
    (True, 4)
    """
    rows = [" ".join(row.split()) for row in text.splitlines()]
    rows = [row for row in rows if row]
    if all(len(row) <= _LINE_CHARS for row in rows):
        return TruePage(name=name, lines=tuple(TrueLine(text=row) for row in rows))
    pieces = [piece for row in rows for piece in _cut(row)]
    return TruePage(name=name, lines=tuple(TrueLine(text=p) for p in pieces), is_running=True)


def _cut(row: str) -> list[str]:
    pieces: list[str] = []
    for word in row.split():
        if pieces and len(pieces[-1]) + len(word) < _PIECE_CHARS:
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
    return pieces


def _box_rows(path: Path) -> tuple[TrueLine, ...]:
    lines = []
    for number, row in enumerate(path.read_text("utf-8-sig", "replace").splitlines(), start=1):
        parts = row.split(",", 8)
        if len(parts) < 9 or not parts[8].strip():
            continue
        try:
            xs, ys = [int(v) for v in parts[0:8:2]], [int(v) for v in parts[1:8:2]]
            box = Box(
                x0_px=max(0, min(xs)), y0_px=max(0, min(ys)), x1_px=max(xs), y1_px=max(ys)
            )  # fmt: skip
        except ValueError as exc:
            raise UsageError(f"{path}:{number}: not x1,y1,...,x4,y4,text: {row[:60]}") from exc
        lines.append(TrueLine(text=" ".join(parts[8].split()), box=box))
    return tuple(lines)
