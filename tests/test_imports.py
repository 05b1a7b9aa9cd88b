"""What each command loads: recognition libraries belong to the processes that recognise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RECOGNITION = ("tensorflow", "keras", "ai_edge_litert", "jax", "torch")
QUEUE = ("celery", "kombu", "billiard")


def _loaded_by(*args: str, home: Path) -> frozenset[str]:
    """Run `ocrq ARGS` in a process of its own; the top-level packages that it imported."""
    program = (
        "import atexit, sys\n"
        "atexit.register(lambda: sys.stderr.write('\\nLOADED ' + ' '.join(sys.modules)))\n"
        "from cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *args],
        env={"PATH": "/usr/bin:/bin", "OCRQ_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return frozenset(name.partition(".")[0] for name in done.stderr.rsplit("LOADED ", 1)[1].split())


@pytest.mark.parametrize(
    ("command", "forbidden"),
    [
        (["--help"], (*RECOGNITION, *QUEUE, "sqlalchemy", "numpy", "cv2", "PIL", "rich")),
        (["--version"], (*RECOGNITION, *QUEUE, "sqlalchemy", "numpy", "cv2", "PIL", "rich")),
        (["status"], (*RECOGNITION, *QUEUE, "numpy", "cv2", "alembic")),
        (["failures", "--help"], (*RECOGNITION, *QUEUE, "numpy")),
        (["export", "--help"], RECOGNITION),
        (["submit", "--help"], RECOGNITION),
        (["worker", "--help"], RECOGNITION),
        (["run", "--help"], RECOGNITION),
        (["inspect", "--help"], (*RECOGNITION, *QUEUE, "numpy", "cv2")),
        (["review", "--help"], (*RECOGNITION, *QUEUE, "numpy", "cv2", "fastapi", "uvicorn")),
        (["correct", "--help"], (*RECOGNITION, *QUEUE, "numpy", "fastapi")),
        (["models", "list"], (*RECOGNITION, *QUEUE, "numpy")),
    ],
    ids=" ".join,
)
def test_a_command_loads_only_what_it_needs(
    command: list[str], forbidden: tuple[str, ...], tmp_path: Path, sqlite_url: str
) -> None:
    # sqlite_url lies in tmp_path/ocrq.db: an existing database, as it is after the first command.
    loaded = _loaded_by(*command, home=tmp_path)
    assert loaded.isdisjoint(forbidden), sorted(loaded & set(forbidden))


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        # The Celery main and its supervisor hold no model: only their children recognise.
        ("worker.main", RECOGNITION),
        ("worker.app", RECOGNITION),
        ("worker.supervisor", (*RECOGNITION, "numpy")),
        ("worker.intake", RECOGNITION),
        ("store.migrate", (*RECOGNITION, *QUEUE, "numpy")),
        ("pipeline.run", RECOGNITION),
        ("review.server", (*RECOGNITION, *QUEUE)),
        # pdf2image and PDFium belong to the children that render pages and look into files.
        ("pipeline.load", (*RECOGNITION, "pdf2image", "pypdfium2")),
        ("worker.probing", (*RECOGNITION, "pdf2image")),
    ],
)
def test_a_module_loads_no_more_than_its_process_may(
    module: str, forbidden: tuple[str, ...]
) -> None:
    program = f"import {module}, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint(forbidden), sorted(loaded & set(forbidden))
