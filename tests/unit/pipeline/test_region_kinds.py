"""Heads, numbers and captions are told from the text by place, size and what they say."""

from __future__ import annotations

import pytest

from ocrq.types import Box, CharResult, LineResult, RegionKind
from pipeline.page_numbers import part_numbers
from pipeline.region_kinds import name_regions
from pipeline.tables import PiecedLine

TEXT = dict.fromkeys(range(8), RegionKind.TEXT)
HEIGHT_PX = 1100


def line(text: str, x_px: int, y_px: int, *, region: int = 0, x_height_px: int = 12) -> LineResult:
    """A line of type: capitals and digits stand out over small letters."""
    chars = tuple(
        CharResult(
            char=char,
            confidence=0.99,
            box=Box(
                x0_px=x_px + 10 * k,
                y0_px=y_px - (round(0.4 * x_height_px) if not char.islower() else 0),
                x1_px=x_px + 10 * k + 9,
                y1_px=y_px + x_height_px,
            ),
        )
        for k, char in enumerate(text)
    )
    box = Box.union(c.box for c in chars)
    ends = ((float(box.x0_px), float(box.y1_px)), (float(box.x1_px), float(box.y1_px)))
    return LineResult(box=box, region=region, baseline=ends, chars=chars)


def body(x_px: int = 50, region: int = 0, y_px: int = 100) -> list[LineResult]:
    return [
        line("run as snow can or a wave", x_px, y_px + 30 * k, region=region) for k in range(12)
    ]


def kind_of(*lines: LineResult, pictures: tuple[Box, ...] = ()) -> RegionKind:
    """The kind of the first line's region on a page of text."""
    named = name_regions([*lines, *body()], dict(TEXT), pictures, HEIGHT_PX)
    assert named[0] is RegionKind.TEXT
    return named[lines[0].region]


@pytest.mark.parametrize("text", ["A MILL ON A HILL", "A mill on a hill", "A MILL 26"])
def test_a_head_in_capitals_is_as_large_as_the_text(text: str) -> None:
    assert kind_of(line(text, 100, 50, region=1)) is RegionKind.RUNNING_HEAD


def test_a_title_is_larger_or_lower_or_further_off() -> None:
    assert kind_of(line("A MILL", 100, 50, region=1, x_height_px=17)) is RegionKind.TEXT
    for y_px, text_px in ((50, 150), (250, 300)):
        lines = [line("A MILL", 100, y_px, region=1), *body(y_px=text_px)]
        assert name_regions(lines, dict(TEXT), (), HEIGHT_PX)[1] is RegionKind.TEXT


def test_facing_pages_have_a_head_and_a_number_each() -> None:
    lines = [
        line("LEFT HEAD", 100, 50, region=2),
        line("RIGHT HEAD", 500, 50, region=3),
        line("12", 140, 600, region=4),
        line("13", 540, 600, region=5),
    ]
    named = name_regions([*lines, *body(), *body(450, 1)], dict(TEXT), (), HEIGHT_PX)
    assert [named[n] for n in (2, 3)] == [RegionKind.RUNNING_HEAD] * 2
    assert [named[n] for n in (4, 5)] == [RegionKind.PAGE_NUMBER] * 2


PICTURE = Box(x0_px=40, y0_px=500, x1_px=320, y1_px=800)


def test_captions_are_small_or_centred_or_say_so() -> None:
    small = line("a mill in a wood on a river", 50, 820, region=1, x_height_px=9)
    centred = line("a mill", 150, 820, region=1)
    named = line("Fig. 3 a mill in a wood on", 50, 820, region=1)
    for caption in (small, centred, named):
        assert kind_of(caption, pictures=(PICTURE,)) is RegionKind.CAPTION


def test_text_that_goes_on_below_a_picture_is_no_caption() -> None:
    text = line("a mill in a wood on a river", 50, 820, region=1)
    far = line("a mill", 150, 900, region=1)
    assert kind_of(text, pictures=(PICTURE,)) is RegionKind.TEXT
    assert kind_of(far, pictures=(PICTURE,)) is RegionKind.TEXT


def test_a_map_in_pieces_has_one_caption() -> None:
    parts = (
        Box(x0_px=40, y0_px=500, x1_px=150, y1_px=780),
        Box(x0_px=230, y0_px=600, x1_px=320, y1_px=800),
    )
    assert kind_of(line("a mill", 150, 820, region=1), pictures=parts) is RegionKind.CAPTION


def head(*pieces: LineResult) -> PiecedLine:
    return PiecedLine(
        line=line(" ".join(p.text for p in pieces), pieces[0].box.x0_px, 50, region=1),
        pieces=pieces,
    )


@pytest.mark.parametrize("is_first", [True, False])
def test_the_number_beside_a_head_is_a_region_of_its_own(is_first: bool) -> None:
    number, words = line("26", 50, 50, region=1), line("A MILL", 200, 50, region=1)
    if not is_first:
        number = line("26", 400, 50, region=1)
    pieces = (number, words) if is_first else (words, number)

    lines, named = part_numbers([head(*pieces)], {1: RegionKind.RUNNING_HEAD})

    texts = [found.line.text for found in lines]
    assert texts == (["26", "A MILL"] if is_first else ["A MILL", "26"])
    kinds = {found.line.text: named[found.line.region] for found in lines}
    assert kinds == {"26": RegionKind.PAGE_NUMBER, "A MILL": RegionKind.RUNNING_HEAD}


def test_a_year_inside_of_a_head_stays() -> None:
    only = head(line("THE WAR OF 1812", 50, 50, region=1))
    assert part_numbers([only], {1: RegionKind.RUNNING_HEAD})[0] == [only]


def test_each_of_two_photographs_beside_each_other_has_a_caption() -> None:
    pictures = tuple(
        Box(x0_px=x, y0_px=500, x1_px=x + 250, y1_px=y1) for x, y1 in ((50, 600), (320, 760))
    )
    lines = [
        line("a mill", 50, 610, region=1, x_height_px=9),
        line("a barn", 320, 770, region=2, x_height_px=9),
        *body(),
    ]

    named = name_regions(lines, dict(TEXT), pictures, HEIGHT_PX)

    assert named[1] is named[2] is RegionKind.CAPTION
