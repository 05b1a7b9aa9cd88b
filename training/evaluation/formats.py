"""Which LiteRT file of a line recogniser reads best for its time, on lines that it may be tuned on.

    python -m training.evaluation.formats models/crnn/2/model.keras \
        --calibrate RUN/train_books.npz --calibrate RUN/train_typed.npz \
        books=RUN/cal_books.npz receipts=RUN/cal_receipts.npz drawn=RUN/synth_0000.npz

The table of docs/decisions/0016 for any weights: float, int8 weights in convolutions
(all of them; all but the logits; rounded for what they compute), static int8. Processor seconds of
one thread.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.line_image import STRIDE_PX, padded_width
from pipeline.runtime.graph import run_pixels
from pipeline.runtime.litert import LiteRTModel
from pipeline.vocabulary import BLANK, decode
from training.export_litert import convert_float, convert_int8, convert_mixed
from training.lines.evaluate import character_error_rate
from training.lines.synthesise import Lines, load_lines

#: Lines of all sources together whose activations set the ranges of a static file.
_REPRESENTATIVE = 600
_SEED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFigures:
    """One file on one set."""

    cer: float
    same: float  # share of lines read as by the float file
    apart_95: float  # 95th percentile of the differences of the frames' best probabilities
    lines_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Read:
    texts: list[str]
    best: npt.NDArray[np.float32]  # probability of the best class, all frames of all lines
    core_s: float


def measure_formats(
    net: Any, sets: Mapping[str, Lines], representative: list[npt.NDArray[np.uint8]]
) -> dict[str, dict[str, SetFigures]]:
    """Figures of each file on each set.

    Args:
        net: Keras line recogniser.
        sets: what is read.
        representative: line pictures (32, W), ink 255, other ones than those of `sets`.
    """
    found: dict[str, dict[str, SetFigures]] = {}
    reference: dict[str, _Read] = {}
    with tempfile.TemporaryDirectory(prefix="ocrq-formats-") as folder:
        for name, content in _files(net, representative):
            path = Path(folder) / "model.tflite"
            path.write_bytes(content)
            model = LiteRTModel(path)
            read = {title: _read(model, lines) for title, lines in sets.items()}
            reference = reference or read
            found[f"{name}, {len(content) / 1e6:.1f} MB"] = {
                title: _figures(read[title], reference[title], lines)
                for title, lines in sets.items()
            }
    return found


def _files(net: Any, representative: list[npt.NDArray[np.uint8]]) -> Iterator[tuple[str, bytes]]:
    samples = [_batch(picture).astype(np.float32) / np.float32(255) for picture in representative]
    yield "float", convert_float(net)
    yield "int8 convolutions", convert_mixed(net)
    yield "int8 convolutions, float logits", convert_mixed(net, keep_float=("logits",))
    if samples:
        yield "int8 convolutions, rounded for their outputs", convert_mixed(net, pictures=samples)
        yield "static int8", convert_int8(net, samples)


def _batch(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    batch = np.zeros((1, picture.shape[0], padded_width(picture.shape[1]), 1), np.uint8)
    batch[0, :, : picture.shape[1], 0] = picture
    return batch


def _read(model: LiteRTModel, lines: Lines) -> _Read:
    started_s = time.process_time()
    logits = [
        run_pixels(model, _batch(picture))[0, : -(-picture.shape[1] // STRIDE_PX)]
        for picture in lines.images
    ]
    core_s = time.process_time() - started_s
    best = []
    for frames in logits:
        odds = np.exp(frames - frames.max(axis=1, keepdims=True))
        best.append(1 / odds.sum(axis=1))
    return _Read(texts=[_spell(x) for x in logits], best=np.concatenate(best), core_s=core_s)


def _spell(frames: npt.NDArray[np.float32]) -> str:
    best = frames.argmax(axis=1)
    kept = best[np.concatenate(([True], best[1:] != best[:-1]))]
    return decode([int(k) for k in kept if k != BLANK])


def _figures(read: _Read, reference: _Read, lines: Lines) -> SetFigures:
    same = [a == b for a, b in zip(read.texts, reference.texts, strict=True)]
    return SetFigures(
        cer=character_error_rate(read.texts, lines.texts, fold_case=False),
        same=float(np.mean(same)),
        apart_95=float(np.percentile(np.abs(read.best - reference.best), 95)),
        lines_per_s=len(lines) / max(read.core_s, 1e-9),
    )


def take(lines: Lines, count: int) -> Lines:
    """At most so many lines, drawn once and for all."""
    chosen = np.random.default_rng(_SEED).permutation(len(lines))[:count]
    return Lines(
        images=tuple(lines.images[k] for k in chosen), texts=tuple(lines.texts[k] for k in chosen)
    )


def main() -> None:
    """Print the table."""
    import click
    import keras

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="model.keras")
    parser.add_argument("sets", nargs="+", metavar="NAME=NPZ", help="what is read")
    parser.add_argument("--calibrate", action="append", default=[], type=Path, metavar="NPZ")
    parser.add_argument("--lines", type=int, default=250, help="of each set")
    asked = parser.parse_args()
    each = _REPRESENTATIVE // max(1, len(asked.calibrate))
    pictures = [p for path in asked.calibrate for p in take(load_lines(path), each).images]
    named = (entry.partition("=") for entry in asked.sets)
    sets = {name: take(load_lines(Path(path)), asked.lines) for name, _, path in named}
    net = keras.saving.load_model(asked.model, compile=False)
    click.echo("| file | " + " | ".join(f"{n}: CER, same, 95 %, lines/s" for n in sets) + " |")
    click.echo("|---|" + "---|" * len(sets))
    for name, figures in measure_formats(net, sets, pictures).items():
        cells = (
            f"{f.cer:.2%}, {f.same:.1%}, {f.apart_95:.4f}, {f.lines_per_s:.0f}"
            for f in figures.values()
        )
        click.echo(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
