"""Commands that make a trained network ship: files, calibration, what `auto` asks for."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import click

from ocrq.types import PageOptions
from training.lines.command_options import FILE, FOLDER, RUN, Shipped, measured_as, network_of

logger = logging.getLogger(__name__)

#: Lines of each calibration fold by which int8 weights are rounded.
_ROUNDED_BY = 100


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
    from training.lines.measure import MEASURED_LINES, measure_reading
    from training.lines.package import write_line_card, write_line_weights
    from training.lines.progress import progress_of, spent_s
    from training.lines.run_folder import sample
    from training.lines.synthesise import count_lines

    net, data = network_of(run), data or run
    folder = shipped.folder
    sets = shipped.sets(data)
    folds = [sample(s.lines, _ROUNDED_BY, seed=5) for s in sets if s.is_fold]
    net = write_line_weights(net, folder, [p for fold in folds for p in fold.images])
    model = LiteRTModel(folder / "model.tflite")
    confidence, measured = calibrated(model, sets)
    metrics = [
        measure_reading(
            s.title, model, net, sample(s.lines, MEASURED_LINES, seed=1), fold_case=s.fold_case
        )
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
        # The first weights for hand print began with those for all lines.
        name = shipped.model_name if (folder.parent / begun_from).exists() else "crnn"
        card = shipped.models / name / begun_from / "card.json"
        earlier = json.loads(card.read_text("utf-8"))
        training["begun_from"] = {"version": begun_from} | {
            key: earlier["training"][key] for key in ("lines_seen", "seconds")
        }
    if "shares" in progress:
        training["blend"] = {key: progress[key] for key in ("shares", "error_rate")}
    if data != run and (data / "progress.json").exists():
        training["seconds"] += round(spent_s(data))
    write_line_card(
        folder, version=shipped.version, confidence=confidence, name=shipped.model_name,
        metrics={"lines": metrics, "confidence": measured}, training=training,
    )  # fmt: skip


@click.command()
@RUN
@measured_as
def calibrate(run: Path, shipped: Shipped) -> None:
    """Fit the confidences of weights that are packed, on the run's calibration folds."""
    from pipeline.language.shipped import load_shipped
    from pipeline.runtime.litert import LiteRTModel
    from training.lines.confidence_card import calibrate_card
    from training.lines.package import store_card

    packed = shipped.model()
    card = dict(packed.card)
    model = LiteRTModel(packed.folder / "model.tflite")
    calibrate_card(card, model, shipped.sets(run), load_shipped(packed))
    store_card(packed.folder, card)


@click.command()
@RUN
@measured_as
@click.option("--lines", default=300, show_default=True, help="of each calibration fold")
@click.argument("language", type=FILE)
def expect(run: Path, shipped: Shipped, lines: int, language: Path) -> None:
    """Put a language model (python -m training.language) beside weights that are packed.

    Its shares are chosen on the run's calibration folds; confidences are fitted anew, with it and
    without it.
    """
    from pipeline.runtime.litert import LiteRTModel
    from training.lines.confidence_card import calibrate_card
    from training.lines.expect import Fold, attach, expectations, most_careful
    from training.lines.measure import measure_expected
    from training.lines.package import read_logits, store_card
    from training.lines.run_folder import sample

    packed = shipped.model()
    model = LiteRTModel(packed.folder / "model.tflite")
    sets = shipped.sets(run)
    drawn = {s.name: sample(s.lines, lines, seed=3) for s in sets if s.is_fold}
    folds = {
        name: Fold(
            logits=read_logits(model, some), texts=some.texts, fold_case=name in shipped.fold_case
        )
        for name, some in drawn.items()
    }
    tried = expectations(folds, language)
    for entry in tried:
        click.echo(str(entry))
    card, expected = attach(packed, language, most_careful(tried), folds)
    calibrate_card(card, model, sets, expected)
    card["metrics"]["lines"] = measure_expected(card["metrics"]["lines"], model, sets, expected)
    store_card(packed.folder, card)


@click.command("second-look")
@RUN
@click.option("--lines", default=400, show_default=True, help="of each calibration fold")
@click.option("--fold-case", multiple=True, metavar="NAME", help="read without letter case")
def second_look(run: Path, lines: int, fold_case: tuple[str, ...]) -> None:
    """How much the character network counts for single characters: what each share reads."""
    from pipeline.engines.crnn import make_engine
    from pipeline.engines.second_look import SecondLook
    from pipeline.runtime.classifier import load_classifier
    from pipeline.weights import find_model
    from training.lines.evaluate import mean_rate
    from training.lines.run_folder import sample
    from training.lines.second_look import SHARES, error_rates
    from training.lines.synthesise import load_lines

    reader, characters = make_engine(), load_classifier(find_model("resnet"))
    folds = {
        p.stem.removeprefix("cal_"): sample(load_lines(p), lines)
        for p in sorted(run.glob("cal_*.npz"))
    }
    for share in SHARES:
        engine = reader.looking_twice(SecondLook(characters, share))
        rates = error_rates(engine, folds, fold_case)
        each = "  ".join(f"{name} {rate:.2%}" for name, rate in rates.items())
        click.echo(f"share {share}: mean {mean_rate(rates):.3%}  {each}")


@click.command("hand-rule")
@RUN
@measured_as
@click.option("--hand", default="handprint", show_default=True, help="fold of hand print")
@click.option("--lines", default=700, show_default=True, help="of each set")
def hand_rule(run: Path, shipped: Shipped, hand: str, lines: int) -> None:
    """Which lines packed weights for hand print read; written to their card (--model hand).

    The rule is fitted on the calibration folds and the shard of synthetic lines that is held out,
    as the newest network for all lines sees them.
    """
    from pipeline.runtime.litert import LiteRTModel
    from pipeline.weights import find_model
    from training.lines.hand_rule import fit_rule, taken
    from training.lines.package import read_logits, store_card
    from training.lines.run_folder import sample
    from training.lines.synthesise import load_lines

    packed = shipped.model()
    reader = LiteRTModel(find_model("crnn", shipped.models).folder / "model.tflite")
    sets = {s.title: sample(s.lines, lines, seed=1) for s in shipped.sets(run)}
    folds = {s.title for s in shipped.sets(run) if s.is_fold}
    for shard in sorted(run.glob("synth_*.npz"))[:1]:
        sets["drawn, held out"] = sample(load_lines(shard), lines, seed=1)
        folds.add("drawn, held out")
    outputs = {name: read_logits(reader, some) for name, some in sets.items()}
    title = next(s.title for s in shipped.sets(run) if s.name == hand and s.is_fold)
    rule = fit_rule({name: found for name, found in outputs.items() if name in folds}, title)
    card = dict(packed.card)
    card["asked"] = rule.to_card() | {"taken": taken(rule, outputs)}
    for name, (share, count) in card["asked"]["taken"].items():
        click.echo(f"{name}: {share:.2%} of {count:,} lines")
    store_card(packed.folder, card)
