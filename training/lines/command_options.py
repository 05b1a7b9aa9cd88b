"""What the commands of this package have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
RUN = click.option("--run", required=True, type=FOLDER, help="folder of the run")


def network_of(run: Path) -> Any:
    """The network of the run's last checkpoint."""
    from training.lines.fit import load_checkpoint

    return load_checkpoint(run)
