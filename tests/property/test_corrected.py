from __future__ import annotations

import unicodedata
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from export.corrected import apply_correction
from ocrq.types import Box
from tests.readings import make_line

_TEXTS = st.text(alphabet="abcO0 é", max_size=25) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=12
)


@given(_TEXTS, _TEXTS)
def test_the_corrected_line_has_the_corrected_text(read: str, corrected: str) -> None:
    line = apply_correction(make_line(read), corrected)
    assert line.text == unicodedata.normalize("NFC", corrected)


@given(_TEXTS, _TEXTS)
def test_every_character_keeps_its_box_or_gets_one_on_the_line(read: str, corrected: str) -> None:
    before = make_line(read)
    after = apply_correction(before, corrected)
    for char in after.chars:
        assert char in before.chars or (char.confidence == 1.0 and not char.alternatives)
        assert before.box.y0_px <= char.box.y0_px and char.box.y1_px <= before.box.y1_px
        assert before.box.x0_px - 1 <= char.box.x0_px
        # More insertions than pixels stand one pixel wide, beside each other or together.
        assert char.box.x1_px <= before.box.x1_px + 1
    lefts = [c.box.x0_px for c in after.chars]
    assert all(a <= b + 1 for a, b in pairwise(lefts))


@given(_TEXTS)
def test_correcting_to_what_was_read_changes_nothing(read: str) -> None:
    line = make_line(unicodedata.normalize("NFC", read))
    assert apply_correction(line, read) is line


@given(_TEXTS.filter(bool), st.data())
def test_one_replacement_leaves_the_others_untouched(read: str, data: st.DataObject) -> None:
    text = unicodedata.normalize("NFC", read)
    before = make_line(text)
    at = data.draw(st.integers(0, len(text) - 1))
    after = apply_correction(before, f"{text[:at]}#{text[at + 1 :]}")
    assert after.chars[at].box == before.chars[at].box
    assert after.chars[:at] == before.chars[:at]
    assert after.chars[at + 1 :] == before.chars[at + 1 :]


@given(st.integers(0, 30), st.integers(1, 30))
def test_boxes_exist_however_narrow_the_line_is(start_px: int, width_px: int) -> None:
    line = make_line("")
    box = Box(x0_px=start_px, y0_px=0, x1_px=start_px + width_px, y1_px=9)
    after = apply_correction(replace(line, box=box), "a longer text than there are pixels")
    assert len(after.chars) == 35
