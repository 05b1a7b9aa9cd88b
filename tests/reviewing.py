"""A page that was read, with its scan, and the server that shows it, for tests of `ocrq review`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from store.database import Database
from store.intake import NewDocument, NewPage
from tests.queueing import finish, make_batch, take
from tests.readings import make_result
from tests.services import die_with_parent

WIDTH_PX, HEIGHT_PX = 2000, 3000  # of `make_result`


def draw_scan(path: Path) -> Path:
    """A white page with a black square at x 100..200, y 300..400."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page = Image.new("L", (WIDTH_PX, HEIGHT_PX), 255)
    page.paste(0, (100, 300, 200, 400))
    page.save(path)
    return path


def read_page(
    db: Database,
    scan: Path,
    text: str,
    *,
    doubts: Mapping[tuple[int, int], float] | None = None,
    batch: str = "box 17",
) -> int:
    """Put a scan into a batch and say what was read on it; the id of its page."""
    found = scan.stat()
    document = NewDocument(
        path=bytes(scan),
        size_bytes=found.st_size,
        mtime_ns=found.st_mtime_ns,
        media_type="image/png",
        sha256=None,
        pages=(NewPage(number=1, megapixels=6.0),),
        error_code=None,
        error=None,
    )
    make_batch(db, document, name=batch)
    held = take(db)
    finish(db, held, make_result(text, doubts=doubts))
    return held.page_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewServer:
    """`ocrq review` in a process of its own."""

    address: str  # as it was printed
    process: subprocess.Popen[str]

    def ended_by(self, number: signal.Signals) -> int:
        """Send a signal; the exit code that it answers with."""
        self.process.send_signal(number)
        return self.process.wait(timeout=20)


@contextmanager
def reviewing(*options: str, database_url: str) -> Iterator[ReviewServer]:
    """Start the server; it is killed at the end where the test did not end it."""
    ocrq = Path(sys.executable).with_name("ocrq")
    with subprocess.Popen(
        [ocrq, "review", *options],
        env={**os.environ, "OCRQ_DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent,
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith("Review at http://"), said
            yield ReviewServer(address=said.split()[-1], process=process)
        finally:
            process.kill()
