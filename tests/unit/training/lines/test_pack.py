"""A pack is below its size, complete, and trains elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageFont

from training.lines.pack import pack_run, write_archive
from training.lines.real import load_real_lines
from training.lines.synthesise import Lines, save_lines

pytest.importorskip("keras")


def some_lines(count: int) -> Lines:
    rng = np.random.default_rng(0)
    images = tuple(rng.integers(0, 256, (32, 90), dtype=np.uint8) for _ in range(count))
    return Lines(images=images, texts=tuple(f"No. {k}" for k in range(count)))


def test_an_archive_takes_what_has_room_and_is_read_back(tmp_path: Path) -> None:
    lines = some_lines(40)
    assert write_archive(tmp_path / "all.zip", lines, 10**9) == 40
    back, left_out = load_real_lines(tmp_path / "all.zip")
    assert sorted(back.texts) == sorted(lines.texts)
    assert left_out == 0
    few = write_archive(tmp_path / "few.zip", lines, 40_000)
    assert 0 < few < 40
    assert (tmp_path / "few.zip").stat().st_size < 40_000


def test_what_cannot_fit_is_refused(tmp_path: Path) -> None:
    save_lines(tmp_path / "train_shop.npz", some_lines(4))
    (tmp_path / "words").mkdir()
    with pytest.raises(ValueError, match="no room for lines"):
        pack_run(
            tmp_path, tmp_path / "pack", fonts=(), words=tmp_path / "words", prose=None,
            start=None, wheels=False, most_mib=0.1,
        )  # fmt: skip


@pytest.mark.timeout(600)
def test_a_pack_trains_where_nothing_else_is(tmp_path: Path) -> None:
    run, words = tmp_path / "source", tmp_path / "dict"
    run.mkdir()
    words.mkdir()
    (words / "american-english").write_text("alpha\nbeta\n")
    save_lines(run / "train_shop.npz", some_lines(20))
    font = ImageFont.load_default(20)
    assert isinstance(font, ImageFont.FreeTypeFont)
    drawn = tmp_path / "plain.ttf"
    drawn.write_bytes(font.font_bytes if isinstance(font.font_bytes, bytes) else font.path.read())
    pack = tmp_path / "pack"
    size = pack_run(
        run, pack, fonts=[drawn], words=words, prose=None, start=None, wheels=False, most_mib=8.0
    )
    assert size < 8 << 20
    out = tmp_path / "out"
    out.mkdir()
    environment = os.environ | {
        "OUT": str(out),
        "WORKERS": "1",
        "BATCH_PX": "2048",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    subprocess.run(
        ["sh", str(pack / "go.sh"), "0.01", "tensorflow"],
        check=True, env=environment, capture_output=True, timeout=600,
    )  # fmt: skip
    assert json.loads((out / "progress.json").read_text())["lines"] > 0
    assert (out / "crnn.keras").exists()
