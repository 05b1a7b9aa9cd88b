"""Old print: the same text in other letters, drawn with the faces that had them."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.vocabulary import CHARACTERS, unknown
from training.lines.fonts import Font, FontChoice
from training.lines.old_print import long_s, old_print
from training.lines.render import render_line
from training.lines.text import TextSource, draw_text

PROSE = "The jests of his lesson were passed, and etc. just as useful & husky as satisfaction."
TEXTS = st.text(alphabet=[c for c in CHARACTERS if c != "ſ"], max_size=40)


@given(TEXTS, st.sampled_from(["", "f", "fbhk"]), st.booleans())
def test_long_s_is_only_another_form(text: str, round_before: str, round_second: bool) -> None:
    old = long_s(text, round_before=round_before, round_second=round_second)
    assert old.replace("ſ", "s") == text
    assert not re.search(r"ſ(?!\w|-$)", old), "a long s ends no word"
    assert not re.search(rf"ſ[{round_before}]", old) if round_before else True


@given(st.integers(0, 10_000))
def test_old_print_is_spelled_in_the_vocabulary(seed: int) -> None:
    old = old_print(random.Random(seed), PROSE)
    assert old and not unknown(old)
    assert old == old_print(random.Random(seed), PROSE)


def test_printers_differ() -> None:
    found = "\n".join(old_print(random.Random(seed), PROSE) for seed in range(200))
    for spelled in ("paſſed", "paſsed", "ieſts", "vſeful", "& &c.", "&c.", "huſky", "husky"):
        assert spelled in found, spelled
    assert re.search(r"^[A-Z][A-Za-z]?\.? (i*j|iv|vj?|\d)$", found, re.M), "signatures of sheets"


def test_running_text_alone_is_old() -> None:
    modern = TextSource(words=(("hus",),), weights=(1,), prose=(PROSE,), accented=0.0)
    source = replace(modern, old_print=1.0)
    texts = [draw_text(random.Random(seed), source, 40) for seed in range(300)]
    assert 40 < sum("ſ" in text for text in texts) < 200
    assert not any("ſ" in draw_text(random.Random(seed), modern, 40) for seed in range(300))


def test_old_faces_draw_it() -> None:
    letters = frozenset(CHARACTERS)
    fonts = [
        Font(path="/f/DejaVuSans.ttf", style="sans", characters=letters),
        Font(path="/f/EBGaramond12-Regular.otf", style="serif", characters=letters),
        Font(path="/f/EBGaramondSC12-Regular.otf", style="serif", characters=letters),
    ]
    choice = FontChoice(fonts)
    old = [choice.draw(random.Random(seed), "ſome") or "" for seed in range(200)]
    new = [choice.draw(random.Random(seed), "some") or "" for seed in range(200)]
    assert sum("Garamond12" in path for path in old) > 170
    assert sum("Sans" in path for path in new) > 30


def test_words_of_a_tight_line_keep_apart(font_path: str) -> None:
    drawn = [render_line(random.Random(seed), "ſo it is", font_path) for seed in range(30)]
    widths = [picture.shape[1] for picture in drawn if picture is not None]
    assert len(widths) > 20 and np.ptp(widths) > 10
