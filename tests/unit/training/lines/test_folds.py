"""Stores and documents go whole to one side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from training.lines.folds import hold_out, receipts_by_store

HEADS = st.lists(st.sampled_from(["ALPHA TRADING", "BETA MARKET", "GAMMA HOUSE", "12"]), max_size=3)


@given(st.dictionaries(st.integers(0, 60).map(str), HEADS, max_size=20))
def test_receipts_with_a_common_heading_are_one_store(texts: dict[str, list[str]]) -> None:
    groups = receipts_by_store(texts)
    assert sorted(name for group in groups for name in group) == sorted(texts)
    group_of = {name: k for k, group in enumerate(groups) for name in group}
    for a, lines_a in texts.items():
        for b, lines_b in texts.items():
            if {x for x in lines_a if len(x) > 3} & {x for x in lines_b if len(x) > 3}:
                assert group_of[a] == group_of[b]


@given(st.lists(st.integers(1, 12), max_size=30), st.integers(1, 20))
def test_groups_are_held_out_whole(sizes: list[int], count: int) -> None:
    groups = [tuple(f"{k}.{n}" for n in range(size)) for k, size in enumerate(sizes)]
    chosen = hold_out(groups, count)
    for group in groups:
        assert set(group) <= chosen or not set(group) & chosen
    assert len(chosen) < count + 8
