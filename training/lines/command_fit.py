"""Commands that train: the trunk, and the branch that is released."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from training.lines.command_options import FILE, FOLDER, RUN

if TYPE_CHECKING:
    from training.lines.trainer import Precision

logger = logging.getLogger(__name__)


@click.command()
@RUN
@click.option("--minutes", type=float, default=80.0, show_default=True, help="in all")
@click.option(
    "--arch", "size", type=click.Choice(["s", "m", "classic"]), default="m", show_default=True
)
@click.option("--rate", type=float, default=1.5e-3, show_default=True)
@click.option("--bfloat16", is_flag=True, help="a quarter faster where the processor has it")
@click.option("--start", type=FILE, help="a .keras file to begin with")
@click.option("--seed", type=int, default=0, show_default=True)
def fit(
    run: Path, minutes: float, size: str, rate: float, bfloat16: bool, start: Path | None, seed: int
) -> None:
    """Train the trunk until the minutes are spent; a stopped one goes on, with more minutes too."""
    from training.lines.fit import FitPlan, lines_seen
    from training.lines.fit import fit as train
    from training.lines.run_folder import endless_batches

    precision: Precision = "bfloat16" if bfloat16 else "float32"
    plan = FitPlan(size=size, budget_s=60 * minutes, rate=rate, precision=precision)
    train(run, plan, endless_batches(run, seed, lines_seen(run)), start_from=start)


@click.command()
@RUN
@click.option("--branch", required=True, type=FOLDER, help="folder of the branch")
@click.option("--minutes", type=float, default=25.0, show_default=True)
@click.option("--rate", type=float, default=1.5e-3, show_default=True, help="that of the trunk")
@click.option("--bfloat16", is_flag=True, help="a quarter faster where the processor has it")
@click.option("--seed", type=int, default=1, show_default=True)
def release(
    run: Path, branch: Path, minutes: float, rate: float, bfloat16: bool, seed: int
) -> None:
    """Branch off the trunk and let the rate fall to zero: the weights that can ship."""
    from training.lines.fit import FitPlan, begin_release, lines_seen
    from training.lines.fit import fit as train
    from training.lines.run_folder import endless_batches

    begin_release(run, branch)
    state = json.loads((branch / "progress.json").read_text())
    precision: Precision = "bfloat16" if bfloat16 else "float32"
    plan = FitPlan(
        size=state["size"], budget_s=60 * minutes, rate=rate, release=True, precision=precision
    )
    train(branch, plan, endless_batches(run, seed, lines_seen(branch)))
