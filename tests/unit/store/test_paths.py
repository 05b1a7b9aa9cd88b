from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from store.paths import path_text


@given(st.binary(), st.binary())
def test_paths_that_are_not_utf8_have_texts_of_their_own(a: bytes, b: bytes) -> None:
    texts = {path: path_text(path) for path in (a, b) if not _is_utf8(path)}
    assert len(set(texts.values())) == len(texts)


@given(st.binary())
def test_every_path_has_a_text_that_can_be_stored(path: bytes) -> None:
    path_text(path).encode()


def _is_utf8(path: bytes) -> bool:
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return True
