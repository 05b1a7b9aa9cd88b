"""Random pages by seed: the same kind, seed, size and fonts give the same pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Protocol

import numpy as np

from training.pagegen import content
from training.pagegen.book import BookPage
from training.pagegen.brochure import Brochure
from training.pagegen.damage import (
    bleed_through,
    faded,
    fold_shadow,
    side_by_side,
    stamped,
    struck,
    with_neighbour,
)
from training.pagegen.fonts import FontSet, Style
from training.pagegen.layouts import Article, Form, Letter, Receipt, Table
from training.pagegen.leaflet import Leaflet
from training.pagegen.truth import DrawnPage
from training.pagegen.wear import random_wear, wear_page


class PageKind(StrEnum):
    """What a random page is."""

    LETTER = "letter"
    ARTICLE = "article"
    RECEIPT = "receipt"
    TABLE = "table"
    FORM = "form"
    BOOK = "book"
    NEWSPAPER = "newspaper"
    SPREAD = "spread"
    MAGAZINE = "magazine"
    DOSSIER = "dossier"
    LEAFLET = "leaflet"
    BROCHURE = "brochure"
    FADED = "faded"


class Layout(Protocol):
    """Something that can be drawn on a page."""

    def draw(self, fonts: FontSet, dpi: int) -> DrawnPage:
        """Draw it, clean and straight."""


def draw_page(
    kind: PageKind, seed: int, *, fonts: FontSet, dpi: int = 300, strength: float = 0.5
) -> DrawnPage:
    """Draw a random page and wear it.

    Args:
        kind: what it is.
        seed: 0 or more.
        fonts: what it is set in.
        dpi: pixels an inch.
        strength: how badly it is worn: 0 a good office scanner, 1 a poor copy.
    """
    rng = np.random.default_rng((seed, list(PageKind).index(kind)))
    page = _LAYOUTS[kind](rng).draw(fonts, dpi)
    if kind is PageKind.SPREAD:
        page = _opened(page, rng, fonts)
    elif kind is PageKind.DOSSIER:
        page = _handled(page, rng, fonts)
    elif kind is PageKind.FADED:
        across = bool(rng.random() < 0.6)
        page = faded(
            page, float(rng.uniform(0.3, 0.6)), float(rng.uniform(0.08, 0.35)), across=across
        )
    return wear_page(page, random_wear(rng, strength=strength), rng)


def _letter(rng: np.random.Generator) -> Letter:
    paragraphs = [content.paragraph(rng, int(rng.integers(3, 7))) for _ in range(4)]
    return Letter(
        sender=(content.name(rng), content.address(rng)),
        date=content.date(rng),
        paragraphs=("Dear Sir,", *paragraphs, f"Yours faithfully, {content.name(rng)}"),
        style=Style.MONO if rng.random() < 0.5 else Style.SERIF,
    )


def _article(rng: np.random.Generator) -> Article:
    count = int(rng.integers(5, 9))
    return Article(
        title=content.title(rng),
        byline=f"{content.name(rng)}, {content.date(rng)}",
        paragraphs=tuple(content.paragraph(rng, int(rng.integers(4, 8))) for _ in range(count)),
        columns=int(rng.integers(1, 4)),
        footer=str(int(rng.integers(1, 400))),
    )


def _receipt(rng: np.random.Generator) -> Receipt:
    cents = [content.price_cents(rng) for _ in range(int(rng.integers(4, 12)))]
    return Receipt(
        head=(content.title(rng), content.address(rng), content.date(rng)),
        items=tuple((content.goods(rng), _money(price)) for price in cents),
        sums=(("TOTAL", _money(sum(cents))), ("CASH", _money(sum(cents)))),
        foot=(f"No. {content.digits(rng, 8)}", "THANK YOU"),
        code=("", "bars", "square")[int(rng.integers(3))],
        number=content.digits(rng, 12),
        seed=int(rng.integers(1 << 31)),
    )


def _table(rng: np.random.Generator) -> Table:
    rows = [
        (content.name(rng), content.address(rng), content.digits(rng, 4))
        for _ in range(int(rng.integers(6, 22)))
    ]
    return Table(
        title=content.title(rng),
        header=("Name", "Street", "Paid"),
        rows=tuple(rows),
        columns_pt=(170, 190, 90),
        has_grid=bool(rng.random() < 0.6),
    )


def _form(rng: np.random.Generator) -> Form:
    return Form(
        title="Application for a reader's card",
        note="Please write clearly and leave nothing out.",
        fields=(
            ("Name", content.name(rng)),
            ("Street and number", content.address(rng)),
            ("Date of birth", content.date(rng)),
        ),
        combs=(("Card number", content.digits(rng, 8)),),
    )


def _book(rng: np.random.Generator) -> BookPage:
    return _printed(rng, columns=1)


def _newspaper(rng: np.random.Generator) -> BookPage:
    return _printed(rng, columns=int(rng.integers(2, 4)))


def _magazine(rng: np.random.Generator) -> BookPage:
    page = _printed(rng, columns=int(rng.integers(2, 4)))
    return replace(
        page,
        words=(),
        caption=page.caption or content.title(rng),
        title=content.title(rng),
        has_capitals=True,
        justified=bool(rng.random() < 0.5),
    )


def _brochure(rng: np.random.Generator) -> Brochure:
    cents = [content.price_cents(rng) for _ in range(int(rng.integers(3, 7)))]
    heading, notice, table, amount = rng.uniform(0.4, 1.0, 4).tolist()
    return Brochure(
        title=content.title(rng),
        text=content.paragraph(rng, 3),
        notice=content.paragraph(rng, 2),
        header=("Goods", "Number", "Price"),
        rows=tuple((content.goods(rng), content.digits(rng, 5), _money(price)) for price in cents),
        total=("Total to be paid", _money(sum(cents))),
        fills=(heading, notice, table, amount),
        has_photograph=bool(rng.random() < 0.5),
        seed=int(rng.integers(1 << 31)),
    )


def _opened(left: DrawnPage, rng: np.random.Generator, fonts: FontSet) -> DrawnPage:
    """An open book: another page on the right of a page, and the shadow of the fold."""
    right = _book(rng).draw(fonts, left.dpi)
    both = side_by_side(left, right)
    return fold_shadow(both, left.gray.shape[1], left.dpi / 8, float(rng.uniform(0.2, 0.6)))


def _handled(page: DrawnPage, rng: np.random.Generator, fonts: FontSet) -> DrawnPage:
    """A sheet of a file: its back shows, words are struck, it was stamped, another lies beside."""
    page = struck(page, rng, 0.1)
    page = stamped(page, rng, (content.name(rng).split()[1].upper(), content.date(rng)))
    page = bleed_through(page, _letter(rng).draw(fonts, page.dpi), float(rng.uniform(0.05, 0.25)))
    other = _letter(rng).draw(fonts, page.dpi)
    width_px = round(page.dpi * rng.uniform(1.1, 1.8))
    return with_neighbour(page, other, "left" if rng.random() < 0.5 else "right", width_px)


def _leaflet(rng: np.random.Generator) -> Leaflet:
    return Leaflet(
        title=content.title(rng),
        paragraphs=tuple(content.paragraph(rng, int(rng.integers(2, 5))) for _ in range(9)),
        captions=(content.title(rng), content.title(rng)),
        box=content.paragraph(rng, 2),
        tint=int(rng.integers(190, 236)),
        seed=int(rng.integers(1 << 31)),
    )


def _printed(rng: np.random.Generator, columns: int) -> BookPage:
    has_picture = bool(rng.random() < 0.6)
    page = BookPage(
        head=content.title(rng),
        number=str(int(rng.integers(2, 400))),
        paragraphs=tuple(content.paragraph(rng, int(rng.integers(2, 6))) for _ in range(12)),
        columns=columns,
        caption=f"{content.title(rng)}, {content.name(rng)}" if has_picture else "",
        words=tuple(content.address(rng).rsplit(" ", 1)[0].upper() for _ in range(4)),
        note=content.title(rng) if columns == 1 and rng.random() < 0.4 else "",
        seed=int(rng.integers(1 << 31)),
    )
    # Two in five pictures are photographs.
    return replace(page, words=()) if page.seed % 5 < 2 else page


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


_LAYOUTS: dict[PageKind, Callable[[np.random.Generator], Layout]] = {
    PageKind.LETTER: _letter,
    PageKind.ARTICLE: _article,
    PageKind.RECEIPT: _receipt,
    PageKind.TABLE: _table,
    PageKind.FORM: _form,
    PageKind.BOOK: _book,
    PageKind.NEWSPAPER: _newspaper,
    PageKind.SPREAD: _book,
    PageKind.MAGAZINE: _magazine,
    PageKind.DOSSIER: _letter,
    PageKind.LEAFLET: _leaflet,
    PageKind.BROCHURE: _brochure,
    PageKind.FADED: _receipt,
}
