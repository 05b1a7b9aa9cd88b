"""Exports of files that were scanned again under their old names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocrq.errors import ExitCode
from store.database import Database
from store.intake import add_documents
from tests.cli_runner import Ocrq
from tests.queueing import finish, make_batch, make_document, take


def test_export_has_the_newest_text_of_a_file_that_was_scanned_again(
    ocrq: Ocrq, db: Database, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    found = make_batch(db, make_document(b"/x/a.tif"), name="nightly")
    finish(db, take(db, found), "first")
    ocrq("export", "nightly", "--output", str(out))
    add_documents(db, found, [make_document(b"/x/a.tif", mtime_ns=2)])
    finish(db, take(db, found), "second")
    result = ocrq("export", "nightly", "--output", str(out), "--json")
    assert (out / "a.txt").read_text() == "second\n"
    assert not (out / "a-2.txt").exists()
    assert "left out: /x/a.tif, superseded by a newer scan of the same file" in result.stderr
    value = json.loads(result.stdout)
    assert (value["documents"], value["superseded"]) == (1, ["/x/a.tif"])


def test_export_of_all_versions(ocrq: Ocrq, db: Database, tmp_path: Path) -> None:
    documents = (make_document(b"/x/a.tif"), make_document(b"/x/a.tif", mtime_ns=2))
    found = make_batch(db, *documents, name="nightly")
    for text in ("first", "second"):
        finish(db, take(db, found), text)
    result = ocrq("export", "nightly", "--output", str(tmp_path), "--all-versions")
    assert (tmp_path / "a.txt").read_text() == "first\n"
    assert (tmp_path / "a-2.txt").read_text() == "second\n"
    assert "superseded" not in result.stderr


@pytest.mark.parametrize("versions", [(), ("--all-versions",)])
def test_a_folder_whose_files_came_later_misses_no_text(
    ocrq: Ocrq, db: Database, tmp_path: Path, versions: tuple[str, ...]
) -> None:
    found = make_batch(db, make_document(b"/x/closed", error_code="unreadable_folder"), name="b")
    command = ("export", "b", "--output", str(tmp_path), *versions)
    assert ocrq(*command).exit_code == ExitCode.SOME_PAGES_FAILED
    add_documents(db, found, [make_document(b"/x/closed/a.tif")])
    finish(db, take(db, found), "text")
    result = ocrq(*command, "--json")
    assert result.exit_code == ExitCode.DONE
    value = json.loads(result.stdout)
    assert (value["missing"], value["unread"], value["set_aside"]) == ([], [], ["/x/closed"])
    assert (tmp_path / "a.txt").read_text() == "text\n"
