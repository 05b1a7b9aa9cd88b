"""Checkpoints that a killed run continues from, exactly where it was."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

_PREFIX: Final = "step-"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """Where a run is; batches follow from the step, so no random state is kept."""

    step: int  # batches learnt from
    elapsed_s: float  # of training, earlier starts counted in


def save_checkpoint(run_dir: Path, model: Any, state: RunState) -> Path:
    """Write model, optimizer and state; a crash at any moment leaves the one before usable."""
    folder = run_dir / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{_PREFIX}{state.step:08d}"
    draft = folder / f"draft-{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    model.save(draft / "model.keras")
    (draft / "state.json").write_text(json.dumps(asdict(state)), encoding="utf-8")
    if target.exists():
        shutil.rmtree(target)
    draft.rename(target)
    for old in _checkpoints(run_dir)[:-2]:
        shutil.rmtree(old)
    return target


def newest_state(run_dir: Path) -> RunState | None:
    """Where the newest checkpoint is, without loading its model; None: there is none."""
    found = _checkpoints(run_dir)
    if not found:
        return None
    return RunState(**json.loads((found[-1] / "state.json").read_text(encoding="utf-8")))


def load_checkpoint(run_dir: Path) -> tuple[Any, RunState] | None:
    """The newest model, compiled with its optimizer's state, and where it was; None: no such."""
    state = newest_state(run_dir)
    if state is None:
        return None
    import keras

    # Each backend has an SGD of its own, and a file names the one that it was written with.
    own = {"SGD": keras.optimizers.SGD}
    model = keras.saving.load_model(_checkpoints(run_dir)[-1] / "model.keras", custom_objects=own)
    return model, state


def _checkpoints(run_dir: Path) -> list[Path]:
    return sorted((run_dir / "checkpoints").glob(f"{_PREFIX}*"))
