"""Files a second that `ocrq submit` takes in: python -m bench.submit [--files 10000].

Every file is a different small page, so that nothing is recognised as a duplicate.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageDraw

from bench.machine import describe_machine
from bench.tables import markdown_table
from ocrq.types import PageOptions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument(
        "--database-url", default="", help="an empty, migrated database; default: SQLite"
    )
    parser.add_argument("--engine", default=PageOptions().engine)
    asked = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="ocrq-bench-") as name:
        folder = Path(name)
        draw_files(folder / "scans", asked.files)
        env = {**os.environ, "OCRQ_HOME": str(folder / "home")}
        if asked.database_url:
            env["OCRQ_DATABASE_URL"] = asked.database_url
        ocrq = str(Path(sys.executable).with_name("ocrq"))
        words = [ocrq, "submit", str(folder / "scans"), "--batch", "bench"]
        rows = []
        for what in ("first submit", "the same again"):
            started_s = time.perf_counter()
            command = [*words, "--engine", asked.engine]
            subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
            elapsed_s = time.perf_counter() - started_s
            rows.append([what, f"{elapsed_s:.1f}", f"{asked.files / elapsed_s:,.0f}"])
        started_s = time.perf_counter()
        subprocess.run([ocrq, "status"], env=env, check=True, stdout=subprocess.DEVNULL)
        status_s = time.perf_counter() - started_s
    kind = asked.database_url.partition(":")[0] or "sqlite"
    print(f"{describe_machine()}; {kind}\n")
    print(markdown_table([f"{asked.files:,} files", "s", "files a second"], rows))
    print(f"\n`ocrq status` afterwards: {status_s:.2f} s")


def draw_files(folder: Path, count: int) -> None:
    """`count` PNG pages of 200 x 100 pixels, 500 a folder, each with its number on it."""
    for number in range(count):
        place = folder / f"{number // 500:03d}"
        if number % 500 == 0:
            place.mkdir(parents=True)
        page = Image.new("1", (200, 100), 1)
        ImageDraw.Draw(page).text((20, 40), f"page {number}", fill=0)
        page.save(place / f"{number:06d}.png", dpi=(100, 100))


if __name__ == "__main__":
    main()
