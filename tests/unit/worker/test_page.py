"""What becomes of a page, by whose fault it is; in this process, without Celery."""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from ocrq.errors import AnswerError, ModelError, PageError, StoreUnavailable
from ocrq.types import PageOptions
from store import results
from store.cancelling import cancel_batch
from store.claims import claim
from store.database import Database
from store.result_tables import readings
from store.retrying import retry_pages
from store.schema import pages
from store.unsettled import give_back
from tests.bad_files import image_bytes
from worker import page as page_module
from worker.child import PageChild
from worker.intake import SubmitOptions, submit
from worker.link import Link
from worker.page import process_one


def _page(child: PageChild) -> Row[tuple[object, ...]]:
    with child.database().read() as conn:
        return conn.execute(select(pages)).one()


def _fault(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def load_page(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr("pipeline.load.load_page", load_page)


def test_a_page_is_read_and_its_seconds_are_recorded(child: PageChild) -> None:
    process_one(child, "task-1")
    assert _page(child).state == "done"
    with child.database().read() as conn:
        elapsed = conn.execute(select(readings.c.timings)).scalar_one()
    assert "load" in str(elapsed)
    assert child.link.last_hold_s() > 0


def test_a_claim_whose_answer_was_lost_is_given_back(
    child: PageChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    def claim_unanswered(*arguments: Any) -> None:
        assert claim(*arguments) is not None
        raise StoreUnavailable("the connection broke while it committed")

    monkeypatch.setattr("worker.page.claim", claim_unanswered)
    process_one(child, "task-1")
    page = _page(child)
    assert (page.state, page.attempts) == ("queued", 0)


def test_a_page_that_nothing_could_be_written_about_is_given_back_when_the_database_is_back(
    child: PageChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def away(*_arguments: object, **_more: object) -> None:
        tries.append(1)
        raise StoreUnavailable("the database is away")

    def back_at_the_third_try(*arguments: Any) -> int:
        if len(tries) < 3:
            away()
        return give_back(*arguments)

    _fault(monkeypatch, StoreUnavailable("away"))
    monkeypatch.setattr("worker.page.postpone", away)
    monkeypatch.setattr("worker.page.give_back", back_at_the_third_try)
    monkeypatch.setattr(child, "rest", lambda seconds: None)
    process_one(child, "task-1")
    page = _page(child)
    assert len(tries) == 3
    assert (page.state, page.attempts) == ("queued", 0)


def test_an_answer_that_cannot_be_true_is_refused(
    child: PageChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fault(monkeypatch, AnswerError("the engine e gave line 0 of the page the confidence nan"))
    process_one(child, "task-1")
    assert _page(child).state == "queued"
    process_one(child, "task-2")
    page = _page(child)
    assert (page.state, page.error_code) == ("failed", "engine")
    assert "nan" in page.error


def test_a_bell_without_a_page_does_nothing(child: PageChild) -> None:
    process_one(child, "task-1")
    process_one(child, "task-2")
    assert _page(child).fence == 1


def test_a_draining_worker_claims_nothing(child: PageChild) -> None:
    child.link.drain()
    process_one(child, "task-1")
    assert _page(child).state == "queued"


def test_a_page_error_fails_at_once(child: PageChild, monkeypatch: pytest.MonkeyPatch) -> None:
    _fault(monkeypatch, PageError("truncated", "the file ends in the middle"))
    process_one(child, "task-1")
    found = _page(child)
    assert (found.state, found.error_code, found.error) == (
        "failed",
        "truncated",
        "the file ends in the middle",
    )


def test_any_other_exception_is_tried_again_then_failed(
    child: PageChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fault(monkeypatch, RuntimeError("a bug"))
    process_one(child, "task-1")
    assert (_page(child).state, _page(child).attempts) == ("queued", 1)
    process_one(child, "task-2")
    found = _page(child)
    assert (found.state, found.error_code) == ("failed", "error")
    assert found.error == "RuntimeError: a bug"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(5, "Input/output error"), "storage"),
        (OSError(116, "Stale file handle"), "storage"),
        (StoreUnavailable("away"), "database"),
        (ModelError("no weights"), "model"),
    ],
)
def test_what_is_not_the_pages_fault_waits_and_charges_nothing(
    child: PageChild, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    _fault(monkeypatch, error)
    process_one(child, "task-1")
    found = _page(child)
    assert (found.state, found.error_code, found.attempts) == ("queued", code, 0)
    assert found.not_before is not None
    process_one(child, "task-2")  # it is not its time yet
    assert _page(child).fence == 1


def test_storage_that_never_comes_back_fails_the_page_in_the_end(
    child: PageChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fault(monkeypatch, OSError(5, "Input/output error"))
    for turn in range(30):
        with child.database().write() as conn:
            conn.execute(update(pages).values(not_before=None))
        process_one(child, f"task-{turn}")
        if _page(child).state != "queued":
            break
    found = _page(child)
    assert (found.state, found.error_code) == ("failed", "storage")
    assert "OCRQ_PATH_MAP" in found.error


@pytest.mark.parametrize("error", [MemoryError(), OSError(12, "Cannot allocate memory")])
def test_memory_is_charged_and_ends_the_process(
    child: PageChild, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def leave(status: int) -> None:
        raise SystemExit(status)

    _fault(monkeypatch, error)
    monkeypatch.setattr("worker.page.os._exit", leave)
    for turn in range(2):
        with pytest.raises(SystemExit) as left:
            process_one(child, f"task-{turn}")
        assert left.value.code == page_module.OUT_OF_MEMORY
    found = _page(child)
    assert (found.state, found.error_code, found.attempts) == ("quarantined", "memory", 2)


def test_a_file_that_changed_is_not_read(child: PageChild, scan: Path) -> None:
    scan.write_bytes(image_bytes("PNG", dpi=(999, 999)))
    process_one(child, "task-1")
    assert (_page(child).state, _page(child).error_code) == ("failed", "changed")


def test_a_file_is_found_where_this_host_mounts_it(child: PageChild, scan: Path) -> None:
    moved = scan.parent.with_name("mounted")
    scan.parent.rename(moved)
    settings = dataclasses.replace(child.settings, path_map=f"{scan.parent}={moved}")
    here = PageChild(settings, child.options, Link())
    process_one(here, "task-1")
    assert _page(child).state == "done"


def test_a_lost_database_is_waited_for_before_a_result_is_given_up(
    child: PageChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., bool] = results.complete
    failures = iter([True, True, False])

    def complete(*arguments: object) -> bool:
        if next(failures):
            raise StoreUnavailable("away for a moment")
        return real(*arguments)

    monkeypatch.setattr(page_module, "complete", complete)
    monkeypatch.setattr(page_module, "_WRITE_PAUSES_S", (0.0, 0.0))
    process_one(child, "task-1")
    assert _page(child).state == "done"


def test_a_write_that_never_ends_ends_the_process_and_is_no_deadline(
    child: PageChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[int] = []
    has_left = threading.Event()

    def leave(status: int) -> None:
        left.append(status)
        has_left.set()

    def never_answered(*_: object) -> bool:
        assert has_left.wait(60)
        return False

    monkeypatch.setattr(page_module, "complete", never_answered)
    monkeypatch.setattr(page_module, "_WRITE_S", 0.1)
    monkeypatch.setattr("worker.deadline.os._exit", leave)
    process_one(child, "task-1")
    assert left == [page_module.UNWRITTEN]


def test_a_written_page_whose_answer_was_lost_is_not_said_to_be_another_workers(
    child: PageChild, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real: Callable[..., bool] = results.complete

    def complete(*arguments: object) -> bool:
        if real(*arguments):
            raise StoreUnavailable("away just after the commit")
        return False

    monkeypatch.setattr(page_module, "complete", complete)
    monkeypatch.setattr(page_module, "_WRITE_PAUSES_S", (0.0,))
    process_one(child, "task-1")
    assert _page(child).state == "done"
    assert "written already" in caplog.text
    assert "nothing written" not in caplog.text


def test_a_page_that_is_asked_for_again_has_all_its_pauses(
    child: PageChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fault(monkeypatch, OSError(5, "Input/output error"))

    def claims_until_failed() -> int:
        before = int(_page(child).fence)
        while True:
            with child.database().write() as conn:
                conn.execute(update(pages).values(not_before=None))
            process_one(child, "task")
            if _page(child).state == "failed":
                return int(_page(child).fence) - before

    first = claims_until_failed()
    assert retry_pages(child.database()).pages == 1
    assert claims_until_failed() == first
    assert retry_pages(child.database()).pages == 1
    assert claims_until_failed() == first


def test_a_page_that_was_taken_away_ends_the_process(
    child: PageChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled in the middle: the heartbeat sees it, and the child ends without writing."""
    child.settings = dataclasses.replace(child.settings, heartbeat_s=0.05)
    read, write = os.pipe()

    def leave(status: int) -> None:
        os.write(write, b"%d" % status)

    def load_page(*_arguments: object) -> None:
        with child.database().write() as conn:
            conn.execute(update(pages).values(fence=pages.c.fence + 1))
        assert os.read(read, 10) == b"75"
        raise PageError("gone", "too late to say")

    monkeypatch.setattr("worker.heartbeat.os._exit", leave)
    monkeypatch.setattr("pipeline.load.load_page", load_page)
    process_one(child, "task-1")
    assert _page(child).state == "leased"  # fenced off: nothing was written


def test_a_missing_database_is_not_an_error_of_the_child(
    child: PageChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    def claim(*_arguments: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(page_module, "claim", claim)
    process_one(child, "task-1")
    assert _page(child).state == "queued"


def test_the_database_helper_is_opened_once(child: PageChild) -> None:
    assert isinstance(child.database(), Database)
    assert child.database() is child.database()


_SPARSE_BYTES = 1 << 28  # takes a tenth of a second and more to be hashed


def _when_opened(path: Path, act: Callable[[], object]) -> threading.Thread:
    """Do something as soon as this process has a file open."""

    def watch() -> None:
        while str(path) not in map(_target, Path("/proc/self/fd").iterdir()):
            time.sleep(0.001)
        act()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_file_that_is_replaced_after_it_was_checked_is_not_read(
    child: PageChild, scan: Path, is_whole: bool
) -> None:
    """Its time is another one, so it is hashed, and meanwhile another file comes to its place."""
    os.truncate(scan, _SPARSE_BYTES)
    db = child.database()
    options = SubmitOptions(page=PageOptions(engine=child.options.engine), batch="sparse")
    submit(db, child.settings, [scan], options)
    cancel_batch(db, 1)
    os.utime(scan, ns=(1, 1))
    other = scan.with_name("other")
    other.write_bytes(image_bytes("PNG", dpi=(99, 99))[: None if is_whole else 60])
    thread = _when_opened(scan, lambda: other.replace(scan))
    process_one(child, "task-1")
    thread.join()
    with db.read() as conn:
        found = conn.execute(select(pages).where(pages.c.batch_id == 2)).one()
        assert conn.execute(select(readings.c.id)).first() is None
    assert (found.state, found.error_code) == ("failed", "changed")
