"""`ocrq run`: to the end, interrupted and gone on with, and with a model that is not there."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ocrq.errors import ExitCode
from store.batches import resolve_batch
from store.pausing import pause_batch
from store.progress import list_batches
from store.schema import pages
from tests.e2e.harness import Stack, assert_read_exactly_once, done, draw_scans, states
from tests.services import wait_for

pytestmark = pytest.mark.worker


def _run(stack: Stack, folder: Path, engine: str, batch: str | None = "b") -> subprocess.Popen[str]:
    factory = engine if ":" in engine else f"{engine}:make_engine"
    return stack.ocrq(
        *("run", folder, f"--engine=tests.engines.{factory}", "--no-orient"),
        *("--concurrency=2", "--device=cpu", *([f"--batch={batch}"] if batch else [])),
    )


def _all_states(stack: Stack) -> dict[str, int]:
    with stack.database.read() as conn:
        return Counter(conn.execute(select(pages.c.state)).scalars())


def test_interrupted_run_gives_pages_back_and_goes_on(stack: Stack, tmp_path: Path) -> None:
    """Five are read, two are being read for longer than it waits for them."""
    stack = dataclasses.replace(stack, env=stack.env | {"OCRQ_DRAIN_S": "2"})
    folder = draw_scans(tmp_path / "scans", 12, wide=range(5, 12))
    run = _run(stack, folder, "gated:make_picky")
    at_work = {"done": 5, "leased": 2, "queued": 5}
    wait_for("some pages are read", lambda: _all_states(stack) == at_work, 60)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == ExitCode.INTERRUPTED
    assert "--batch b" in err
    batch_id = resolve_batch(stack.database, "b").id
    assert states(stack.database, batch_id) == {"done": 5, "queued": 7}
    with stack.database.read() as conn:
        charged = conn.execute(
            select(func.count())
            .select_from(pages)
            .where(pages.c.state == "queued", pages.c.attempts != 0)
        ).scalar_one()
    assert charged == 0

    stack.open_gate()
    run = _run(stack, folder, "gated:make_picky")
    _, err = run.communicate(timeout=120)
    assert run.returncode == ExitCode.DONE, err
    assert states(stack.database, batch_id) == {"done": 12}
    assert_read_exactly_once(stack.database, batch_id)


def test_the_same_command_after_a_run_that_was_killed_reads_what_is_left(
    embedded: Stack, tmp_path: Path
) -> None:
    """Its batch is another one: nobody reads that of the run that was killed."""
    folder = draw_scans(tmp_path / "scans", 6, wide=range(2, 6))
    run = _run(embedded, folder, "gated:make_picky", batch=None)
    at_work = {"done": 2, "leased": 2, "queued": 2}
    wait_for("some pages are read", lambda: _all_states(embedded) == at_work, 60)
    run.kill()
    run.communicate(timeout=60)
    embedded.open_gate()
    run = _run(embedded, folder, "gated:make_picky", batch=None)
    out, err = run.communicate(timeout=120)
    assert run.returncode == ExitCode.DONE, err
    assert "2 duplicates, linked to what was read before" in out
    newest = list_batches(embedded.database, 1)[0]
    assert (newest.documents, newest.duplicates, newest.done) == (6, 2, 4)


def test_a_run_reads_scans_that_wait_in_a_paused_batch(embedded: Stack, tmp_path: Path) -> None:
    folder = draw_scans(tmp_path / "scans", 2)
    waiting = embedded.submit(folder, batch="waiting").batch_id
    assert waiting is not None
    pause_batch(embedded.database, waiting)
    run = _run(embedded, folder, "fake")
    _, err = run.communicate(timeout=120)
    assert run.returncode == ExitCode.DONE, err
    assert states(embedded.database, resolve_batch(embedded.database, "b").id) == {"done": 2}
    assert states(embedded.database, waiting) == {"queued": 2}


def test_a_run_reads_what_a_submit_to_its_batch_left_to_others(
    embedded: Stack, tmp_path: Path
) -> None:
    folder = draw_scans(tmp_path / "scans", 2)
    embedded.submit(folder, batch="first")
    pause_batch(embedded.database, resolve_batch(embedded.database, "first").id)
    assert embedded.submit(folder, batch="second").duplicates == 2
    run = _run(embedded, folder, "fake", batch="second")
    _, err = run.communicate(timeout=120)
    assert run.returncode == ExitCode.DONE, err
    assert states(embedded.database, resolve_batch(embedded.database, "second").id) == {"done": 2}


def test_second_interrupt_ends_a_run_whose_pages_do_not_end(
    embedded: Stack, tmp_path: Path
) -> None:
    embedded = dataclasses.replace(embedded, env=embedded.env | {"OCRQ_DRAIN_S": "600"})
    folder = draw_scans(tmp_path / "scans", 3)
    run = _run(embedded, folder, "gated")

    def leased() -> bool:
        with embedded.database.read() as conn:
            held = conn.execute(select(pages.c.id).where(pages.c.state == "leased"))
            return held.first() is not None

    wait_for("a page is being read", leased, 60)
    run.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        run.wait(timeout=1)  # running pages get their time
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=120)  # less than OCRQ_DRAIN_S
    assert run.returncode == ExitCode.INTERRUPTED
    batch_id = resolve_batch(embedded.database, "b").id
    assert states(embedded.database, batch_id) == {"queued": 3}
    assert done(embedded.database, batch_id) == 0


@pytest.mark.parametrize(
    ("engine", "said"),
    [("no_model", "the weights of no_model are missing"), ("no_start", "die while they load")],
)
def test_an_engine_that_cannot_be_loaded_stops_the_run(
    embedded: Stack, tmp_path: Path, engine: str, said: str
) -> None:
    run = _run(embedded, draw_scans(tmp_path / "scans", 2), engine)
    _, err = run.communicate(timeout=120)
    assert run.returncode == ExitCode.MODEL, err
    assert said in err
    batch_id = resolve_batch(embedded.database, "b").id
    assert states(embedded.database, batch_id) == {"queued": 2}


def test_copies_of_a_page_that_fails_are_read_themselves(embedded: Stack, tmp_path: Path) -> None:
    folder = draw_scans(tmp_path / "scans", 2, wide=[1])
    (folder / "copy.png").write_bytes((folder / "scan001.png").read_bytes())
    run = embedded.ocrq(
        *("run", folder, "--engine=tests.engines.raises:make_picky", "--batch=b", "--no-orient"),
        *("--concurrency=2", "--device=cpu"),
    )
    _, err = run.communicate(timeout=60)
    assert run.returncode == ExitCode.SOME_PAGES_FAILED, err
    batch_id = resolve_batch(embedded.database, "b").id
    assert states(embedded.database, batch_id) == {"done": 1, "failed": 2}
