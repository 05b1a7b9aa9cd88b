"""The command line of the fit."""

from __future__ import annotations

import hashlib
import io
import logging
import random
import zipfile
from pathlib import Path

import click
import numpy as np

from training.fonts import find_fonts
from training.orientation.fit import fit, right_share
from training.orientation.gather import drawn_pages, pages_of_lines, scanned_pages, windows_of

logger = logging.getLogger(__name__)

_FILE = click.Path(exists=True, path_type=Path)


@click.command()
@click.option("--lines", multiple=True, type=_FILE, help="zip of line images; also labels.tsv")
@click.option("--pages", multiple=True, type=_FILE, help="folder of upright scanned pages")
@click.option("--fonts", multiple=True, type=_FILE, help="folder of fonts to draw pages with")
@click.option("--stacks", default=1000, help="pages put together from each zip of lines")
@click.option("--units", default=112)
@click.option("--epochs", default=8)
@click.option("--seed", default=1)
@click.option("--output", required=True, type=click.Path(path_type=Path))
def main(
    lines: tuple[Path, ...],
    pages: tuple[Path, ...],
    fonts: tuple[Path, ...],
    stacks: int,
    units: int,
    epochs: int,
    seed: int,
    output: Path,
) -> None:
    """Gather letters, fit the network, write its weights."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    rng = random.Random(seed)
    texts = [text for archive in lines for text in _labels(archive)]
    found = [windows_of(p, rng, 70) for a in lines for p in pages_of_lines(a, stacks, rng)]
    found += [windows_of(page, rng, 150) for folder in pages for page in scanned_pages(folder)]
    paths = find_fonts(fonts)
    rng.shuffle(paths)
    found += [windows_of(page, rng, 70) for page in drawn_pages(paths[:900], texts, rng)]
    # Every tenth page is held out, whole: its letters share scanner, font and size.
    held = np.concatenate(found[::10])
    train = np.concatenate([w for k, w in enumerate(found) if k % 10])
    logger.info("%d letters, %d held out", len(train), len(held))
    layers = fit(train, units=units, epochs=epochs, seed=seed)
    logger.info("%.1f %% of the letters held out are told right", 100 * right_share(layers, held))
    target = io.BytesIO()
    np.savez_compressed(
        target,
        hidden=layers.hidden.astype(np.float16),
        bias=layers.bias,
        output=layers.output,
    )
    output.write_bytes(target.getvalue())
    logger.info("WEIGHTS_SHA256 = %r", hashlib.sha256(target.getvalue()).hexdigest())


def _labels(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as images:
        rows = images.read("labels.tsv").decode("utf-8").splitlines()
    return [row.split("\t", 1)[1] for row in rows if "\t" in row]


if __name__ == "__main__":
    main()
