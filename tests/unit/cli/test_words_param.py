"""--words: a list that ships, none, or a file that is looked at before anything is queued."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from cli.words_param import _NAMES, WordsParam
from ocrq.errors import UsageError
from pipeline.word_list import SHIPPED, load_word_list


def test_names_stay_and_files_become_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "names.txt").write_text("Ahlgrimm\nBülow\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert WordsParam().convert("english", None, None) == "english"
    assert WordsParam().convert("none", None, None) == "none"
    found = WordsParam().convert("names.txt", None, None)
    assert found == str((tmp_path / "names.txt").resolve())
    assert "bülow" in load_word_list(found)


def test_every_list_that_ships_has_its_name() -> None:
    assert set(_NAMES) == {*SHIPPED, "none"}


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(click.BadParameter, match="neither english nor none nor a file"):
        WordsParam().convert("klingon", None, None)
    (tmp_path / "scan.png").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        WordsParam().convert(str(tmp_path / "scan.png"), None, None)


def test_the_english_list_knows_english_and_none_knows_nothing() -> None:
    english = load_word_list("english")
    assert all(word in english for word in ("Interior", "colour", "color", "receipt"))
    assert "qwzx" not in english
    assert "receipt" not in load_word_list("none")
