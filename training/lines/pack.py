"""Pack what a borrowed GPU machine needs to train: code, line crops, fonts, word lists, wheels.

Such a machine sees nothing but what is sent, little may be sent, and it is lent for minutes. The
pack stays below a size, real lines travel as JPEG of 32 rows, synthetic lines are drawn over there
on all its cores, and `go.sh` trains for the minutes it is given: the next piece goes on where the
last one stopped.
"""

from __future__ import annotations

import math
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import cv2

from training.lines.synthesise import Lines, load_lines

#: Packages of this program that training imports.
_CODE = ("ocrq", "pipeline", "training")
#: What the machine's own Python lacks beside its backend.
WHEELS = ("keras", "namex", "optree", "rich", "click", "rapidfuzz")
_MEBIBYTE = 1 << 20
_JPEG_QUALITY = 80

_GO = """#!/bin/sh
# Train a piece: sh go.sh MINUTES [torch|jax|tensorflow]; called again, it goes on.
# The weights are in run/crnn.keras, and in $OUT where that is set. BATCH_PX: columns in a batch.
set -eu
cd "$(dirname "$0")"
minutes=${1:?minutes}
if [ -d wheels ] && [ ! -d site ]; then
    python3 -m pip install --quiet --no-index --no-deps --target site wheels/*.whl
fi
export PYTHONPATH="$PWD/site:$PWD/code" KERAS_BACKEND="${2:-torch}" PYTHONUNBUFFERED=1
mkdir -p run
if [ -n "${OUT:-}" ] && [ -f checkpoint/progress.json ] && [ ! -f run/progress.json ]; then
    cp checkpoint/* run/
fi
for archive in lines/*.zip; do
    name=$(basename "$archive" .zip)
    [ -f "run/train_$name.npz" ] ||
        python3 -m training.lines add --run run --name "$name" --hold-out 0 "$archive"
done
spent=$(python3 -c 'import json, pathlib; p = pathlib.Path("run/progress.json")
print(json.loads(p.read_text())["elapsed_s"] / 60 if p.exists() else 0)')
total=$(python3 -c "print($spent + $minutes)")
start=""
[ -f start.keras ] && start="--start start.keras"
python3 -m training.lines fit --run run --minutes "$total" $start \\
    --anew --fonts fonts --words words --prose prose \\
    --workers "${WORKERS:-$(nproc)}" --columns "${BATCH_PX:-131072}"
if [ -n "${OUT:-}" ]; then
    cp run/crnn.keras run/checkpoint.weights.h5 run/progress.json "$OUT/"
fi
"""


def pack_run(
    run: Path,
    target: Path,
    *,
    fonts: Sequence[Path],
    words: Path,
    prose: Path | None,
    start: Path | None,
    wheels: bool = True,
    most_mib: float = 60.0,
) -> int:
    """Write a pack; the real lines of `run` get the room that the rest leaves.

    Args:
        run: folder with `train_*.npz`.
        target: a folder that does not exist yet.
        fonts: font files to draw with.
        words: folder of word lists.
        prose: folder of .txt files, or None.
        start: a .keras file to begin with, or None.
        wheels: whether packages for Python are fetched, which needs the network.
        most_mib: of the whole pack.

    Returns:
        Its size in bytes.

    Raises:
        ValueError: what is not lines is too large already; nothing useful would fit.
    """
    target.mkdir(parents=True)
    root = Path(__file__).resolve().parents[2]
    for name in _CODE:
        shutil.copytree(
            root / name, target / "code" / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for folder, files in (
        ("fonts", list(fonts)),
        ("words", [p for p in sorted(words.glob("*")) if p.is_file()]),
        ("prose", sorted(prose.glob("*.txt")) if prose else []),
    ):
        (target / folder).mkdir()
        for path in files:
            shutil.copyfile(path.resolve(), target / folder / path.name)
    if start is not None:
        shutil.copyfile(start, target / "start.keras")
    if wheels:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
             "--dest", str(target / "wheels"), *WHEELS],
            check=True,
        )  # fmt: skip
    (target / "go.sh").write_text(_GO, encoding="utf-8")
    room = most_mib * _MEBIBYTE - size_bytes(target)
    sources = sorted(run.glob("train_*.npz"))
    if sources and room < len(sources) * _MEBIBYTE / 4:
        raise ValueError(f"no room for lines below {most_mib:.0f} MiB; take fewer fonts or words")
    (target / "lines").mkdir()
    for path in sources:
        archive = target / "lines" / f"{path.stem.removeprefix('train_')}.zip"
        write_archive(archive, load_lines(path), math.floor(room / len(sources)))
    return size_bytes(target)


def write_archive(path: Path, lines: Lines, most_bytes: int) -> int:
    """Write lines, drawn by chance until the room is used, as `add` reads them.

    Returns:
        How many lines fitted.
    """
    order = random.Random(0).sample(range(len(lines)), len(lines))
    labels: list[str] = []
    used = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for k in order:
            paper = 255 - lines.images[k]  # crops are dark on light
            coded = cv2.imencode(".jpg", paper, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1]
            name = f"line{k:06d}.jpg"
            row = f"{name}\t{lines.texts[k]}"
            used += len(coded) + 2 * len(name) + 120 + len(row.encode())
            if used > most_bytes:
                break
            archive.writestr(name, coded.tobytes())
            labels.append(row)
        archive.writestr("labels.tsv", "\n".join(labels) + "\n")
    return len(labels)


def size_bytes(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
