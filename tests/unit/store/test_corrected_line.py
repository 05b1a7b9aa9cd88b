from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from store.corrected_line import Change, CorrectionKind, corrected_text, find, replay

TEXT = st.text(alphabet="abc ", max_size=8)


def change(kind: str, position: int | None, after: str) -> Change:
    return Change(kind=CorrectionKind(kind), position=position, after=after)


def after(machine: str, *history: Change) -> str:
    return corrected_text(replay(machine, history))


def test_positions_are_those_of_the_machine_whatever_was_put_in_before() -> None:
    insert, replace = change("insert", 0, "x"), change("replace", 2, "C")
    assert after("abc", insert, replace) == "xabC"
    assert after("abc", replace, insert) == "xabC"
    assert after("abc", change("delete", 0, ""), replace) == "bC"
    assert after("abc", change("insert", 3, "!")) == "abc!"


def test_repeated_characters_are_told_apart() -> None:
    assert after("aaa", change("delete", 1, ""), change("replace", 2, "b")) == "ab"


def test_a_line_typed_anew_keeps_the_positions_of_what_stayed() -> None:
    slots = replay("Hcllo world", [change("line", None, "Hello, world")])
    assert corrected_text(slots) == "Hello, world"
    assert find(slots, 6) == 7  # the w
    assert find(slots, 1) == 1  # c became e


def test_what_was_deleted_can_be_put_back_and_what_a_line_leaves_out_is_gone() -> None:
    assert after("ab", change("delete", 0, ""), change("replace", 0, "x")) == "xb"
    assert after("ab", change("delete", 0, ""), change("insert", 0, "x")) == "xb"
    slots = replay("ab", [change("delete", 0, ""), change("line", None, "b")])
    assert find(slots, 0) is None
    assert after("ab", change("line", None, "b"), change("replace", 0, "x")) == "b"


@given(TEXT, TEXT, TEXT)
def test_a_typed_line_is_what_was_typed_and_no_position_is_there_twice(
    machine: str, first: str, second: str
) -> None:
    slots = replay(machine, [change("line", None, first), change("line", None, second)])
    assert corrected_text(slots) == second
    kept = [slot.position for slot in slots if slot.position is not None]
    assert kept == sorted(set(kept))
    assert all(position < len(machine) for position in kept)


@given(TEXT.filter(bool), st.data())
def test_a_replaced_character_can_be_replaced_again(machine: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(machine) - 1))
    twice = after(machine, change("replace", position, "x"), change("replace", position, "y"))
    assert twice == machine[:position] + "y" + machine[position + 1 :]
