"""How far a training run is: what it left in its folder, read without a backend."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

WEIGHTS = "checkpoint.weights.h5"
PROGRESS = "progress.json"
BLEND = "blend.json"
#: The moving average in a run's folder, or what a blend has made.
AVERAGED = "crnn.keras"


def begin_release(trunk: Path, branch: Path) -> None:
    """Make the folder of a release branch from the trunk's last checkpoint; one there is kept."""
    if (branch / PROGRESS).exists():
        return
    branch.mkdir(parents=True, exist_ok=True)
    shutil.copy(trunk / WEIGHTS, branch / WEIGHTS)
    state = json.loads((trunk / PROGRESS).read_text())
    (branch / PROGRESS).write_text(json.dumps(state | {"elapsed_s": 0.0}))


def lines_seen(folder: Path) -> int:
    """Lines that the run in the folder has learnt from; 0 where there is none yet."""
    path = folder / PROGRESS
    return int(json.loads(path.read_text())["lines"]) if path.exists() else 0


def spent_s(folder: Path) -> float:
    """Seconds that the trunk or branch in the folder has taken; a branch begins anew."""
    return float(json.loads((folder / PROGRESS).read_text())["elapsed_s"])


def steps_taken(folder: Path) -> int:
    """Steps of the optimizer in the run's last checkpoint, those of its trunk included."""
    import h5py

    with h5py.File(folder / WEIGHTS) as weights:
        return int(np.asarray(weights["optimizer/vars/0"]))


def progress_of(folder: Path) -> dict[str, Any]:
    """Lines, steps and seconds behind the network in a folder; a blend has its shares, too."""
    blend = folder / BLEND
    if blend.exists():
        return dict(json.loads(blend.read_text("utf-8")))
    state = json.loads((folder / PROGRESS).read_text())
    return {**state, "steps": steps_taken(folder)}


def size_of(folder: Path) -> str:
    """Which network the run in the folder trains."""
    return str(json.loads((folder / PROGRESS).read_text())["size"])
