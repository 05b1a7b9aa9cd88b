"""The line recogniser from nothing to shipped weights, one step a command.

python -m training.lines synthesise --run runs/lines --prose TEXTS --shards 18
python -m training.lines fit --run runs/lines --minutes 40      (also beside the next steps)
python -m training.lines add --run runs/lines --name typed TYPED.zip
python -m training.lines add --run runs/lines --name receipts --recover-case RECEIPTS.zip
python -m training.lines align --run runs/lines --name books IMAGES TEXTS --hold-out e
python -m training.lines fit --run runs/lines --minutes 80
python -m training.lines package --run runs/lines --version 1 --report typed=DEV.zip
"""

from __future__ import annotations

import logging
import sys

import click

from ocrq.errors import OcrqError
from training.lines import command_data, command_fit, command_ship
from training.threads import limit_threads


@click.group()
def main() -> None:
    """Train the line recogniser."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    limit_threads(1)


for command in (
    command_data.synthesise,
    command_data.handprint,
    command_data.add,
    command_data.align,
    command_data.pack,
    command_fit.fit,
    command_fit.release,
    command_fit.blend,
    command_ship.package,
    command_ship.expect,
    command_ship.calibrate,
    command_ship.second_look,
    command_ship.hand_rule,
):
    main.add_command(command)


if __name__ == "__main__":
    try:
        main()
    except OcrqError as exc:
        sys.exit(f"error: {exc}")
