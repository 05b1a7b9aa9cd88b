from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.tracked import track
from training.text_score import normalise


@given(st.text("a-–—'`\n “…ﬁäe\u0308\u00adß.", max_size=14), st.booleans())
def test_it_is_the_normalised_text_with_a_place_for_each_character(
    raw: str, ignore_case: bool
) -> None:
    tracked = track(raw, ignore_case)
    assert tracked.text == normalise(raw, ignore_case)
    places = tracked.source.tolist()
    assert len(places) == len(tracked.text)
    assert places == sorted(places)
    assert all(0 <= place < len(raw) for place in places)


def test_plain_characters_keep_their_places() -> None:
    raw = "one  two-\nthree"
    tracked = track(raw)
    assert tracked.text == "one twothree"
    assert [raw[k] for k in tracked.source.tolist()] == list("one twothree")
