"""The prober outlives what it looks into."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrq.config import Settings
from store.intake import NewDocument
from tests.bad_files import image_bytes
from worker.prober import Prober
from worker.probing import sha256_of
from worker.walk import FoundFile

#: Loaded by every Python that starts with this folder on its path; plays hostile files.
_SITE = """
import os, signal, time
def sabotage():
    import pipeline.probe as probe
    real = probe.probe_file
    def probe_file(path, limits, *, root=None):
        name = os.path.basename(os.fsdecode(path))
        if name.startswith("hang"):
            time.sleep(600)
        if name.startswith("crash"):
            os.kill(os.getpid(), signal.SIGSEGV)
        if name.startswith("memory"):
            bytearray(10**10)
        if name.startswith("storage"):
            raise OSError(5, "Input/output error")
        if name.startswith("print"):
            os.write(1, b"a library says hello\\n")
        return real(path, limits, root=root)
    probe.probe_file = probe_file
if os.environ.get("SABOTAGE"):
    sabotage()
"""


@pytest.fixture
def prober(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Prober]:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(textwrap.dedent(_SITE))
    root = Path(__file__).parents[3]
    monkeypatch.setenv("PYTHONPATH", f"{site}{os.pathsep}{root}")
    monkeypatch.setenv("SABOTAGE", "1")
    with Prober(dataclasses.replace(settings, probe_s=60.0, probe_memory_mb=300)) as prober:
        yield prober


def _probe(prober: Prober, folder: Path, name: str, known: str | None = None) -> NewDocument:
    path = folder / name
    path.write_bytes(image_bytes("PNG"))
    found = path.stat()
    return prober.probe(
        FoundFile(
            path=os.fsencode(path),
            root=os.fsencode(folder),
            size_bytes=found.st_size,
            mtime_ns=found.st_mtime_ns,
        ),
        known,
    )


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("hang.png", "probe_timeout", "OCRQ_PROBE_S"),
        ("crash.png", "probe_crashed", "SIGSEGV"),
        ("memory.png", "probe_memory", "OCRQ_PROBE_MEMORY_MB"),
        ("storage.png", "storage_error", "Input/output error"),
    ],
)
def test_a_hostile_file_is_a_failed_page_and_the_next_file_is_fine(
    prober: Prober,
    tmp_path: Path,
    name: str,
    code: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        if name == "hang.png":
            impatient = dataclasses.replace(prober._settings, probe_s=0.5)
            patch.setattr(prober, "_settings", impatient)
        bad = _probe(prober, tmp_path, name)
    assert (bad.error_code, len(bad.pages), bad.pages[0].error_code) == (code, 1, code)
    assert bad.error is not None
    assert said in bad.error
    good = _probe(prober, tmp_path, "good.png")
    assert good.error_code is None
    assert good.sha256 is not None


def test_what_libraries_print_does_not_get_between_the_answers(
    prober: Prober, tmp_path: Path
) -> None:
    assert _probe(prober, tmp_path, "print.png").error_code is None


def test_a_known_hash_spares_reading_the_file(prober: Prober, tmp_path: Path) -> None:
    assert _probe(prober, tmp_path, "good.png", known="f" * 64).sha256 == "f" * 64


def test_a_child_that_ended_between_two_files_is_replaced(prober: Prober, tmp_path: Path) -> None:
    assert _probe(prober, tmp_path, "a.png").error_code is None
    child = prober._child
    assert child is not None
    child.kill()
    child.wait()
    assert _probe(prober, tmp_path, "b.png").error_code is None


def test_a_hash_that_is_known_is_of_the_file_as_it_was_found(
    prober: Prober, tmp_path: Path
) -> None:
    """It is replaced between the walk, which sees 500 files ahead, and the look into it."""
    path = tmp_path / "scan.png"
    path.write_bytes(image_bytes("PNG"))
    os.utime(path, ns=(1, 1))
    file = FoundFile(
        path=os.fsencode(path),
        root=None,
        size_bytes=path.stat().st_size,
        mtime_ns=1,
    )
    assert prober.probe(file, "known").sha256 == "known"
    path.write_bytes(image_bytes("PNG", dpi=(99, 99)))
    found = prober.probe(file, "known")
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.mtime_ns == path.stat().st_mtime_ns


def test_what_is_hashed_is_the_file_that_was_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    path.write_bytes(image_bytes("PNG"))
    found = path.stat()
    assert sha256_of(str(path), found.st_size, found.st_mtime_ns) is not None
    assert sha256_of(str(path), found.st_size, found.st_mtime_ns - 1) is None
