"""Commands that make a trained network ship: files, calibration, the rule of `auto`."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import click

from ocrq.types import PageOptions
from training.lines.command_options import FOLDER, RUN, Shipped, measured_as, network_of

logger = logging.getLogger(__name__)


@click.command()
@RUN
@measured_as
@click.option("--data", type=FOLDER, help="the trunk's folder, for a branch")
@click.option("--begun-from", metavar="VERSION", help="whose weights training began with")
@click.option("--note", multiple=True, metavar="TEXT", help="for the card")
def package(
    run: Path,
    shipped: Shipped,
    data: Path | None,
    begun_from: str | None,
    note: tuple[str, ...],
) -> None:
    """Write the folder that ships: LiteRT and Keras weights, vocabulary, calibrated card."""
    from pipeline.runtime.litert import LiteRTModel
    from training.lines.confidence_card import calibrated
    from training.lines.measure import measure_reading
    from training.lines.package import write_line_card, write_line_weights
    from training.lines.progress import progress_of, spent_s
    from training.lines.run_folder import sample
    from training.lines.synthesise import count_lines

    net, data = network_of(run), data or run
    folder = shipped.folder
    write_line_weights(net, folder)
    model = LiteRTModel(folder / "model.tflite")
    sets = shipped.sets(data)
    confidence, measured = calibrated(model, sets)
    metrics = [
        measure_reading(s.title, model, net, sample(s.lines, 700, seed=1), fold_case=s.fold_case)
        for s in sets
    ]
    progress = progress_of(run)
    training: dict[str, Any] = {
        "network": net.name,
        "parameters": net.count_params(),
        "lines_seen": progress["lines"],
        "steps": progress["steps"],
        "seconds": round(progress["elapsed_s"]),
        "sources": {p.stem: count_lines(p) for p in sorted(data.glob("train_*.npz"))},
        "synthetic_lines": sum(map(count_lines, sorted(data.glob("synth_*.npz"))[1:])),
        "page_options": json.loads(PageOptions().to_json()),
        "notes": list(note),
    }
    if begun_from is not None:
        earlier = json.loads((folder.parent / begun_from / "card.json").read_text("utf-8"))
        training["begun_from"] = {"version": begun_from} | {
            key: earlier["training"][key] for key in ("lines_seen", "seconds")
        }
    if "shares" in progress:
        training["blend"] = {key: progress[key] for key in ("shares", "error_rate")}
    if data != run and (data / "progress.json").exists():
        training["seconds"] += round(spent_s(data))
    write_line_card(
        folder, version=shipped.version, confidence=confidence,
        metrics={"lines": metrics, "confidence": measured}, training=training,
    )  # fmt: skip


@click.command()
@RUN
@measured_as
def calibrate(run: Path, shipped: Shipped) -> None:
    """Fit the confidences of weights that are packed, on the run's calibration folds."""
    from pipeline.runtime.litert import LiteRTModel
    from training.lines.confidence_card import calibrated
    from training.lines.package import store_card

    folder = shipped.folder
    card = json.loads((folder / "card.json").read_text("utf-8"))
    model = LiteRTModel(folder / "model.tflite")
    card["confidence"], measured = calibrated(model, shipped.sets(run))
    card["temperature"] = 1.0  # the calibration has it
    card["metrics"]["confidence"] = measured
    store_card(folder, card)


@click.command()
@RUN
@click.option("--lines", default=400, show_default=True, help="of each calibration fold")
def choose(run: Path, lines: int) -> None:
    """Fix the rule of the engine auto on the calibration folds; prints what each choice does."""
    from pipeline.engines.registry import load_engine
    from training.lines.choose import best_rule, outcome, outcomes, read_twice
    from training.lines.run_folder import sample
    from training.lines.synthesise import load_lines

    first, second = load_engine("crnn"), load_engine("resnet")
    folds = {
        p.stem.removeprefix("cal_"): read_twice(first, second, sample(load_lines(p), lines))
        for p in sorted(run.glob("cal_*.npz"))
    }
    swapped = {
        name: type(fold)(texts=fold.texts, first=fold.second, second=fold.first)
        for name, fold in folds.items()
    }
    never = type(best_rule(folds).rule)(ask_below=0.0)
    rows = [("crnn alone", outcome(never, folds)), ("resnet alone", outcome(never, swapped))]
    rows += [(str(found.rule), found) for found in outcomes(folds)]
    rows.append(("BEST", best_rule(folds)))
    for name, found in rows:
        rates = "  ".join(
            f"{fold} {100 * rate:.2f} % ({100 * found.asked[fold]:.0f} % asked)"
            for fold, rate in found.error_rate.items()
        )
        click.echo(f"{name}: mean {100 * found.mean:.2f} %  {rates}")
    click.echo(f"auto: {best_rule(folds).rule}")
