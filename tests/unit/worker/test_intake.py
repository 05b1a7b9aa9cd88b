from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from ocrq.config import Settings
from ocrq.errors import UsageError
from ocrq.types import PageOptions
from store.batches import BatchState, finish_batches
from store.database import Database
from store.progress import batch_progress
from store.schema import batches, documents, pages
from tests.bad_files import image_bytes, write_bad_files
from tests.queueing import column, finish, rows, try_take
from tests.services import wait_for
from worker import taking
from worker.intake import IntakeProgress, SubmitOptions, SubmitSummary, submit

FAKE = PageOptions(engine="tests.engines.fake:make_engine")


@pytest.fixture
def db(sqlite_url: str) -> Database:
    return Database.open(sqlite_url)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(7):
        data = image_bytes("PNG", dpi=(100 + number, 100 + number))
        (folder / f"{number}.png").write_bytes(data)
    return folder


def _submit(
    db: Database | None, settings: Settings, folder: Path, batch: str = "b", **more: object
) -> SubmitSummary:
    options = SubmitOptions(page=FAKE, batch=batch)
    return submit(db, settings, [folder], options, **more)  # type: ignore[arg-type]


def _count(db: Database, table: object) -> int:
    with db.read() as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def test_every_file_becomes_a_document_with_hash_and_pages(
    db: Database, settings: Settings, scans: Path
) -> None:
    seen: list[IntakeProgress] = []
    summary = _submit(db, settings, scans, on_progress=seen.append)
    assert (summary.files, summary.documents, summary.pages) == (7, 7, 7)
    assert [p.files for p in seen] == list(range(1, 8))
    assert seen[-1].pages == 7
    assert summary.batch_id is not None
    assert batch_progress(db, summary.batch_id).state is BatchState.SEALED
    with db.read() as conn:
        rows = conn.execute(select(documents).order_by(documents.c.path)).all()
        sizes = conn.execute(select(pages.c.megapixels)).scalars().all()
    assert [bytes(r.path_bytes) for r in rows] == [
        os.fsencode(scans / f"{k}.png") for k in range(7)
    ]
    assert all(len(r.sha256) == 64 and r.media_type == "image/png" for r in rows)
    assert all(size and size > 0 for size in sizes)


def test_a_batch_is_open_while_one_of_two_submits_fills_it(
    db: Database, settings: Settings, scans: Path, tmp_path: Path
) -> None:
    """The other one comes, ends and has its page read while this one looks at its files."""
    other = tmp_path / "other"
    other.mkdir()
    (scans / "6.png").rename(other / "6.png")
    states: list[BatchState] = []

    def meanwhile(progress: IntakeProgress) -> None:
        if progress.files == 3:
            batch_id = _submit(db, settings, other).batch_id
            assert batch_id is not None
            while (held := try_take(db)) is not None:
                finish(db, held)
            assert finish_batches(db) == 0
            found = batch_progress(db, batch_id)
            assert (found.submits, found.done, found.unfinished) == (1, 1, 0)
            states.append(found.state)

    summary = _submit(db, settings, scans, on_progress=meanwhile)
    assert states == [BatchState.OPEN]
    assert summary.batch_id is not None
    progress = batch_progress(db, summary.batch_id)
    assert (progress.state, progress.submits, progress.queued) == (BatchState.SEALED, 0, 6)


def test_a_submit_gives_signs_of_life_and_leaves_none_behind(
    db: Database, settings: Settings, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.at_work.SEE_EVERY_S", 0.02)

    def fail_late(_progress: IntakeProgress) -> None:
        (row,) = rows(db, "SELECT started_at, seen_at FROM submits")
        wait_for(
            "a sign of life",
            lambda: column(db, "SELECT seen_at FROM submits") > [row["started_at"]],
            10.0,
        )
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        _submit(db, settings, scans, on_progress=fail_late)
    assert column(db, "SELECT count(*) FROM submits") == [0]


def test_an_interrupted_submit_stays_open_and_is_taken_up(
    db: Database, settings: Settings, scans: Path
) -> None:
    calls = iter(range(100))
    summary = _submit(db, settings, scans, should_stop=lambda: next(calls) >= 3)
    assert summary.interrupted
    assert (summary.files, summary.pages) == (3, 3)
    assert summary.batch_id is not None
    progress = batch_progress(db, summary.batch_id)
    assert (progress.state, progress.submits) == (BatchState.OPEN, 0)
    again = _submit(db, settings, scans)
    assert again.batch_id == summary.batch_id
    assert (again.files, again.known, again.pages) == (7, 3, 4)
    assert batch_progress(db, summary.batch_id).state is BatchState.SEALED
    assert _count(db, pages) == 7


def test_a_changed_file_is_a_new_document_and_a_touched_one_is_hashed_again(
    db: Database, settings: Settings, scans: Path
) -> None:
    _submit(db, settings, scans)
    (scans / "0.png").write_bytes(image_bytes("PNG", dpi=(999, 999)))
    os.utime(scans / "1.png", ns=(1, 1))
    again = _submit(db, settings, scans)
    assert (again.known, again.documents, again.duplicates) == (5, 1, 1)


def test_commits_come_in_chunks_and_say_whether_more_follow(
    db: Database, settings: Settings, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "FILES_PER_COMMIT", 3)
    commits: list[tuple[int, bool]] = []
    _submit(db, settings, scans, on_commit=lambda pages, more: commits.append((pages, more)))
    assert commits == [(3, True), (3, True), (1, False)]


def test_a_dry_run_writes_nothing_and_needs_no_database(settings: Settings, scans: Path) -> None:
    (scans / "notes.txt").write_text("x")
    (scans / "bad.pdf").write_text("x")
    summary = _submit(None, settings, scans, dry_run=True)
    assert (summary.files, summary.pages, summary.failed_count) == (8, 7, 1)
    assert summary.left_out_count == 1
    assert summary.batch_id is None
    assert not settings.home.exists()


def test_a_dry_run_changes_no_database(db: Database, settings: Settings, scans: Path) -> None:
    _submit(db, settings, scans, dry_run=True)
    assert [_count(db, t) for t in (batches, documents, pages)] == [0, 0, 0]


def test_bad_files_are_failed_pages_and_nothing_is_skipped(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    bad = write_bad_files(folder)
    summary = _submit(db, settings, folder)
    codes = {path: code for path, _, code, _ in summary.failed}
    assert codes == {f.path: f.code for f in bad if not f.path.endswith(b".txt")}
    assert [os.path.basename(e.path) for e in summary.left_out] == [b"notes.txt"]  # noqa: PTH119
    with db.read() as conn:
        states = conn.execute(select(pages.c.state)).scalars().all()
    assert set(states) == {"failed"}
    assert len(states) == len(bad) - 1


def test_a_file_that_failed_is_looked_into_again_though_unchanged(
    db: Database, settings: Settings, scans: Path
) -> None:
    low = dataclasses.replace(settings, max_bytes=100)
    assert _submit(db, low, scans).failed_count == 7
    still = _submit(db, low, scans)
    assert (still.failed_count, still.known, still.documents) == (7, 7, 0)
    foreseen = _submit(db, settings, scans, dry_run=True)
    mended = _submit(db, settings, scans)
    for summary in (foreseen, mended):
        assert (summary.failed_count, summary.known, summary.pages) == (0, 0, 7)
    assert _submit(db, settings, scans).known == 7
    assert (_count(db, documents), _count(db, pages)) == (7, 7)


def test_submits_of_one_folder_at_once_name_each_failure_once(
    db: Database, settings: Settings, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one does all its work while the first one looks at its files."""
    monkeypatch.setattr(taking, "FILES_PER_COMMIT", 4)
    low = dataclasses.replace(settings, max_bytes=100)
    others: list[SubmitSummary] = []

    def meanwhile(progress: IntakeProgress) -> None:
        if progress.files == 3:
            assert progress.failed == 3
            others.append(_submit(db, low, scans))

    first = _submit(db, low, scans, on_progress=meanwhile)
    assert _count(db, pages) == 7
    assert (first.failed_count, first.documents, first.known) == (0, 0, 7)
    assert (others[0].failed_count, others[0].documents, others[0].known) == (7, 7, 0)


def test_wrong_arguments_write_nothing(db: Database, settings: Settings, scans: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        _submit(db, settings, scans / "nowhere")
    with pytest.raises(UsageError, match="nothing to submit"):
        submit(db, settings, [], SubmitOptions(page=FAKE))
    with pytest.raises(UsageError, match="no engine"):
        submit(db, settings, [scans], SubmitOptions(page=PageOptions(engine="nonesuch")))
    assert _count(db, batches) == 0


def test_duplicates_are_linked_read_again_or_skipped(
    db: Database, settings: Settings, scans: Path
) -> None:
    (scans / "copy.png").write_bytes((scans / "0.png").read_bytes())
    found = {}
    for mode in ("link", "again", "skip"):
        options = SubmitOptions(page=FAKE, batch=mode, on_duplicate=mode)
        found[mode] = submit(db, settings, [scans], options)
    assert (found["link"].documents, found["link"].duplicates) == (7, 1)
    assert (found["again"].documents, found["again"].duplicates) == (8, 0)
    assert (found["skip"].documents, found["skip"].duplicates) == (0, 8)


def test_duplicates_that_are_skipped_are_named(
    db: Database, settings: Settings, scans: Path
) -> None:
    (scans / "copy.png").write_bytes((scans / "3.png").read_bytes())
    options = SubmitOptions(page=FAKE, batch="b", on_duplicate="skip")
    summary = submit(db, settings, [scans], options)
    assert (summary.duplicates, summary.pages, summary.left_out_count) == (1, 7, 1)
    (entry,) = summary.left_out
    assert entry.path == os.fsencode(scans / "copy.png")
    assert "--on-duplicate skip" in entry.reason


def test_failed_pages_of_duplicates_do_not_count_as_pages_that_are_missing(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    """Two equal files with a good and a failed page: one page is queued, not none."""
    folder = tmp_path / "twins"
    folder.mkdir()
    frames = [Image.new("L", (60, 40), 200), Image.new("L", (400, 300), 200)]
    for name in ("a.tif", "b.tif"):
        frames[0].save(folder / name, save_all=True, append_images=frames[1:])
    queued: list[int] = []
    small = dataclasses.replace(settings, max_pixels=10_000)
    summary = _submit(db, small, folder, on_commit=lambda pages, more: queued.append(pages))
    assert (summary.documents, summary.duplicates) == (1, 1)
    assert (summary.pages, sum(queued)) == (1, 1)
