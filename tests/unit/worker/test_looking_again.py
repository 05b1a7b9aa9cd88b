"""A file that failed as a whole is looked into again when its page is retried."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import delete, select

from ocrq.types import PageOptions
from store.retrying import retry_pages
from store.schema import documents, pages
from tests.drawing import make_page
from worker.child import PageChild
from worker.intake import SubmitOptions, submit
from worker.page import process_one

_ENGINE = "tests.engines.fake:make_engine"


def _many_pages(path: Path, count: int) -> None:
    first, *others = (Image.fromarray(make_page(f"page {n}")) for n in range(1, count + 1))
    first.save(path, save_all=True, append_images=others)


def _states(child: PageChild) -> list[tuple[int, str, str | None]]:
    with child.database().read() as conn:
        found = select(pages.c.number, pages.c.state, pages.c.error_code).order_by(pages.c.number)
        return [(row.number, row.state, row.error_code) for row in conn.execute(found)]


@pytest.fixture
def long_scan(child: PageChild, scan: Path) -> Path:
    """Three pages, one more than was allowed at its submit; the only document."""
    with child.database().write() as conn:
        conn.execute(delete(pages))
        conn.execute(delete(documents))
    path = scan.with_name("three.tif")
    _many_pages(path, 3)
    limited = dataclasses.replace(child.settings, max_pages=2)
    options = SubmitOptions(page=PageOptions(engine=_ENGINE))
    submit(child.database(), limited, [path], options)
    assert _states(child) == [(1, "failed", "too_many_pages")]
    return path


def test_a_file_that_failed_as_a_whole_gets_all_its_pages_when_it_is_tried_again(
    child: PageChild, long_scan: Path
) -> None:
    assert retry_pages(child.database()).pages == 1
    process_one(child, "task-0")
    assert _states(child) == [(n, "queued", None) for n in (1, 2, 3)]
    with child.database().read() as conn:
        found = conn.execute(select(documents)).one()
    assert (found.page_count, found.error_code, found.media_type) == (3, None, "image/tiff")
    assert found.sha256 == hashlib.sha256(long_scan.read_bytes()).hexdigest()
    for turn in (1, 2, 3):
        process_one(child, f"task-{turn}")
    assert _states(child) == [(n, "done", None) for n in (1, 2, 3)]


def test_a_file_that_fails_again_when_it_is_looked_into_says_why_it_does_now(
    child: PageChild, long_scan: Path
) -> None:
    long_scan.write_bytes(b"")
    retry_pages(child.database())
    process_one(child, "task-0")
    assert _states(child) == [(1, "failed", "empty")]
    with child.database().read() as conn:
        assert conn.execute(select(documents.c.error_code)).scalar_one() == "empty"


def test_a_file_whose_folder_is_away_is_looked_into_later(
    child: PageChild, long_scan: Path
) -> None:
    retry_pages(child.database())
    long_scan.parent.rename(long_scan.parent.with_name("elsewhere"))
    process_one(child, "task-0")
    assert _states(child) == [(1, "queued", "storage")]
    with child.database().read() as conn:
        assert conn.execute(select(pages.c.attempts)).scalar_one() == 0


def test_a_link_out_of_its_folder_is_not_followed_when_it_is_tried_again(
    child: PageChild, long_scan: Path, tmp_path: Path
) -> None:
    long_scan.rename(tmp_path / "outside.tif")
    long_scan.symlink_to(tmp_path / "outside.tif")
    retry_pages(child.database())
    process_one(child, "task-0")
    assert _states(child) == [(1, "failed", "symlink_outside")]


def test_a_folder_is_not_read_when_it_is_tried_again(child: PageChild, long_scan: Path) -> None:
    long_scan.unlink()
    long_scan.mkdir()
    retry_pages(child.database())
    process_one(child, "task-0")
    assert _states(child) == [(1, "failed", "unreadable_folder")]
