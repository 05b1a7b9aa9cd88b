"""Commands that train: the trunk, and the branch that is released."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import click

from training.lines.command_learning import Learning, learning
from training.lines.command_options import FILE, FOLDER, RUN, network_of
from training.lines.progress import (
    AVERAGED,
    BLEND,
    begin_release,
    lines_seen,
    size_of,
    spent_s,
    steps_taken,
)

logger = logging.getLogger(__name__)


@click.command()
@RUN
@click.option("--minutes", type=float, default=80.0, show_default=True, help="in all")
@click.option(
    "--arch", "size", type=click.Choice(["s", "m", "classic"]), default="m", show_default=True
)
@click.option(
    "--release-share",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="of the minutes, at their end: the rate falls to zero",
)
@click.option("--start", type=FILE, help="a .keras file to begin with")
@learning
def fit(
    run: Path, minutes: float, size: str, release_share: float, start: Path | None,
    how: Learning,
) -> None:  # fmt: skip
    """Train the trunk until the minutes are spent; a stopped one goes on, with more minutes too."""
    batches = how.batches(run, lines_seen(run))
    from training.lines.fit import FitPlan
    from training.lines.fit import fit as train

    plan = FitPlan(
        size=size, budget_s=60 * minutes, rate=how.rate, precision=how.precision,
        release_share=release_share,
    )  # fmt: skip
    train(run, plan, batches, start_from=start)


@click.command()
@RUN
@click.option("--branch", required=True, type=FOLDER, help="folder of the branch")
@click.option("--minutes", type=float, default=25.0, show_default=True)
@learning
def release(run: Path, branch: Path, minutes: float, how: Learning) -> None:
    """Branch off the trunk and let the rate fall to zero: the weights that can ship."""
    begin_release(run, branch)
    batches = how.batches(run, lines_seen(branch))
    from training.lines.fit import FitPlan
    from training.lines.fit import fit as train

    plan = FitPlan(
        size=size_of(branch), budget_s=60 * minutes, rate=how.rate, precision=how.precision,
        release_share=1.0,
    )  # fmt: skip
    train(branch, plan, batches)


@click.command()
@RUN
@click.option("--into", required=True, type=FOLDER, help="folder of the blend")
@click.option("--lines", default=300, show_default=True, help="of each calibration fold")
@click.option("--fold-case", multiple=True, metavar="NAME", help="read without letter case")
@click.argument("begun_from", type=FILE)
@click.argument("runs", type=FOLDER, nargs=-1, required=True)
def blend(
    run: Path, into: Path, lines: int, fold_case: tuple[str, ...], begun_from: Path,
    runs: tuple[Path, ...],
) -> None:  # fmt: skip
    """Average networks that all began with BEGUN_FROM, in the shares that read the folds best.

    RUN is the folder with the calibration folds, RUNS are those of the networks; RUN may be
    among them.
    """
    import keras

    from training.lines.blend import best_blend, fold_measure
    from training.lines.run_folder import sample
    from training.lines.synthesise import load_lines

    net = keras.models.load_model(begun_from, compile=False)
    others = [network_of(folder) for folder in runs]
    folds = {
        p.stem.removeprefix("cal_"): sample(load_lines(p), lines, seed=3)
        for p in sorted(run.glob("cal_*.npz"))
    }
    weights = [net.get_weights(), *(other.get_weights() for other in others)]
    found = best_blend(weights, fold_measure(net, folds, fold_case))
    net.set_weights(found.weights)
    into.mkdir(parents=True, exist_ok=True)
    net.save(into / AVERAGED)
    card = {
        "lines": sum(map(lines_seen, runs)),
        "steps": sum(map(steps_taken, runs)),
        "elapsed_s": sum(map(spent_s, runs)),
        "shares": [round(share, 3) for share in found.shares],
        "error_rate": {name: round(rate, 4) for name, rate in found.error_rate.items()},
    }
    (into / BLEND).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    logger.info("%s in %s", " + ".join(f"{share:.2f}" for share in found.shares), into / AVERAGED)
