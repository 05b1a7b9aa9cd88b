"""What the commands of this package have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pipeline.weights import ModelFiles
    from training.lines.run_folder import ReportSet

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
RUN = click.option("--run", required=True, type=FOLDER, help="folder of the run")


def network_of(run: Path) -> Any:
    """The network of the run's last checkpoint."""
    from training.lines.fit import load_checkpoint

    return load_checkpoint(run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """Where weights ship from, and what they are measured on."""

    version: str
    models: Path
    report: tuple[str, ...]
    no_fold: tuple[str, ...]
    fold_case: tuple[str, ...]
    model_name: str = "crnn"

    @property
    def folder(self) -> Path:
        """Of the weights and their card."""
        return self.models / self.model_name / self.version

    def model(self) -> ModelFiles:
        """What is packed there."""
        from pipeline.weights import list_models

        found = [m for m in list_models(self.models) if m.folder == self.folder]
        if not found:
            raise click.ClickException(f"{self.folder} holds no packed weights")
        return found[0]

    def sets(self, run: Path) -> list[ReportSet]:
        """The calibration folds of a run, and the sets to report on."""
        from training.lines.run_folder import report_sets

        return report_sets(run, self.report, self.no_fold, self.fold_case)


def measured_as(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of Shipped; it takes them as `shipped`."""

    @wraps(command)
    def with_shipped(**values: Any) -> None:
        shipped = Shipped(**{field.name: values.pop(field.name) for field in fields(Shipped)})
        command(**values, shipped=shipped)

    for option in reversed(
        (
            click.option("--version", required=True, help="folder below --models/NAME"),
            click.option(
                "--model",
                "model_name",
                default="crnn",
                show_default=True,
                metavar="NAME",
                help="crnn: reads all lines; hand: those of hand print",
            ),
            click.option("--models", type=FOLDER, default=Path("models"), show_default=True),
            click.option("--report", multiple=True, metavar="NAME=ZIP", help="sets to report on"),
            click.option("--no-fold", multiple=True, metavar="NAME", help="folds only reported on"),
            click.option(
                "--fold-case", multiple=True, metavar="NAME", help="reported without letter case"
            ),
        )
    ):
        with_shipped = option(with_shipped)
    return with_shipped
