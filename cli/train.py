"""`ocrq train`: a character model from files of characters and the fonts of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import click

from cli.app import App, pass_app
from cli.display import show_path
from cli.output_places import make_folder
from cli.progress import ProgressDisplay
from pipeline.nets.vocabulary import CLASS_SETS
from training.characters.checkpoint import newest_state
from training.characters.config import Network, Progress, TrainConfig
from training.characters.train import train_characters


@click.command("train")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--run",
    "run_dir",
    required=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Checkpoints, report and model; a run found there goes on.",
)
@click.option(
    "--fonts",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, path_type=Path),
    help="Draw print from these fonts; may be given more than once.  [default: the system's]",
)
@click.option(
    "--network",
    type=click.Choice([n.value for n in Network]),
    default=Network.SMALL.value,
    show_default=True,
    help="small and medium read fast on a CPU; reference, plain and mnist are yardsticks.",
)
@click.option(
    "--only",
    type=click.Choice(list(CLASS_SETS)),
    default="ascii",
    show_default=True,
    help="Show characters of this class set alone.",
)
@click.option(
    "--start",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Begin from the model.keras of an earlier run; medium also from one of small.  [default: "
    "random weights]",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=40.0,
    show_default=True,
    help="Train so long, in processor time.",
)
@click.option(
    "--learning-rate",
    type=click.FloatRange(min=0, min_open=True, max=1),
    default=TrainConfig.__dataclass_fields__["learning_rate"].default,
    show_default=True,
    help="Highest rate of the cosine; half of it suits --start.",
)
@click.option("--steps", type=click.IntRange(1), help="Train so many batches instead.")
@click.option(
    "--seed",
    type=int,
    default=TrainConfig.__dataclass_fields__["seed"].default,
    show_default=True,
    help="Same seed, data and --steps: same weights.",
)
@click.option(
    "--workers", type=click.IntRange(0), default=0, show_default=True,
    help="Processes that make batches, beside a GPU.",
)  # fmt: skip
@click.option(
    "--threads", type=click.IntRange(1), default=1, show_default=True, help="CPU threads."
)
@click.option("--name", default="resnet", show_default=True, help="Name of the model.")
@click.option(
    "--model-version", "version", default="1", show_default=True, help="Its version, a number."
)
@pass_app
def command(
    app: App,
    files: tuple[Path, ...],
    run_dir: Path,
    fonts: tuple[Path, ...],
    network: str,
    only: str,
    start: Path | None,
    minutes: float,
    learning_rate: float,
    steps: int | None,
    seed: int,
    workers: int,
    threads: int,
    name: str,
    version: str,
) -> None:
    """Train a character model.

    FILE is a set of labelled characters: this project's npz, MNIST (idx or npz), EMNIST (idx.gz) or
    the A-Z CSV. Print is drawn from fonts beside them. The folder of the run gets checkpoints (an
    interrupted run goes on with the same command), a report with pictures, and the model.

    \b
    Example:  ocrq train handprint.npz --run runs/first --minutes 60
    """
    del app
    make_folder(run_dir, "--run")
    defaults = TrainConfig(characters=files, run_dir=run_dir)
    config = TrainConfig(
        characters=files,
        run_dir=run_dir,
        fonts=fonts or defaults.fonts,
        network=Network(network),
        only=only,
        start=start,
        budget_s=minutes * 60,
        learning_rate=learning_rate,
        steps=steps,
        seed=seed,
        workers=workers,
        threads=threads,
        name=name,
        version=version,
    )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow greets on the terminal
    try:
        with ProgressDisplay("training") as display:
            model = train_characters(config, lambda seen: _show(display, seen))
    except KeyboardInterrupt:
        kept = newest_state(run_dir)
        if kept is not None:
            click.echo(
                f"kept up to batch {kept.step:,} of the run in {show_path(str(run_dir))}; the same "
                "command goes on from there",
                err=True,
            )
        raise
    click.echo(f"model   {show_path(str(model))}")
    click.echo(f"report  {show_path(str(run_dir / 'report' / 'report.md'))}")


def _show(display: ProgressDisplay, seen: Progress) -> None:
    if seen.stage == "data" and seen.step:
        click.echo(f"goes on from batch {seen.step:,} of the run that is there", err=True)
    note = f"% of {seen.stage}"
    if seen.loss is not None and seen.accuracy is not None:
        note += f", batch {seen.step:,}, loss {seen.loss:.3f}, right {seen.accuracy:.1%}"
    display.show(round(seen.fraction * 100), 100, note)
