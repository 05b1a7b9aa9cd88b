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

import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ocrq.errors import OcrqError
from ocrq.types import PageOptions
from training.threads import limit_threads

if TYPE_CHECKING:
    from training.lines.trainer import Precision

logger = logging.getLogger(__name__)

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_RUN = click.option("--run", required=True, type=_FOLDER, help="folder of the run")


@click.group()
def main() -> None:
    """Train the line recogniser."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    limit_threads(1)


@main.command()
@_RUN
@click.option("--prose", type=_FOLDER, help="folder of .txt files to take running text from")
@click.option("--fonts", type=_FOLDER, default=Path("/usr/share/fonts"), show_default=True)
@click.option("--words", type=_FOLDER, default=Path("/usr/share/dict"), show_default=True)
@click.option("--first", default=0, show_default=True, help="number of the first shard")
@click.option("--shards", default=18, show_default=True)
@click.option("--lines", default=6000, show_default=True, help="in each shard")
def synthesise(
    run: Path, prose: Path | None, fonts: Path, words: Path, first: int, shards: int, lines: int
) -> None:
    """Draw synthetic lines; shards that are there are kept, shard 0 is never trained on."""
    from training.lines.fonts import FontChoice, find_line_fonts
    from training.lines.synthesise import draw_lines, save_lines
    from training.lines.text import load_text_source

    run.mkdir(parents=True, exist_ok=True)
    choice = FontChoice(find_line_fonts(run / "fonts.json", fonts))
    source = load_text_source(sorted(prose.glob("*.txt")) if prose else [], words)
    for number in range(first, first + shards):
        path = run / f"synth_{number:04d}.npz"
        if not path.exists():
            save_lines(path, draw_lines(1000 + number, lines, source, choice))
            logger.info("%s", path)


@main.command()
@_RUN
@click.option("--lines", default=24000, show_default=True, help="to train on")
@click.option("--seed", default=20261120, show_default=True, help="of the split by cluster")
@click.argument("characters", type=_FILE)
def handprint(run: Path, lines: int, seed: int, characters: Path) -> None:
    """Compose hand-printed lines: to train on, for calibration, and held out, of other clusters."""
    from training.characters.formats import load_characters
    from training.characters.split import split_by_cluster
    from training.lines.handprint import compose_lines, hand_of
    from training.lines.synthesise import save_lines
    from training.lines.text import load_text_source

    found = load_characters(characters)
    split = split_by_cluster(found, seed=seed)
    source = load_text_source([])
    for number, (name, rows, count) in enumerate(
        (
            ("train", split.train, lines),
            ("cal", split.calibration, 800),
            ("held", split.held_out, 1000),
        )
    ):
        hand = hand_of(found.take(rows))
        save_lines(run / f"{name}_handprint.npz", compose_lines(number, count, source, hand))
        logger.info("%s_handprint.npz", name)


@main.command()
@_RUN
@click.option("--minutes", type=float, default=80.0, show_default=True, help="in all")
@click.option(
    "--arch", "size", type=click.Choice(["s", "m", "classic"]), default="m", show_default=True
)
@click.option("--rate", type=float, default=1.5e-3, show_default=True)
@click.option("--bfloat16", is_flag=True, help="a quarter faster where the processor has it")
@click.option("--start", type=_FILE, help="a .keras file to begin with")
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


@main.command()
@_RUN
@click.option("--branch", required=True, type=_FOLDER, help="folder of the branch")
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


@main.command()
@_RUN
@click.option("--name", required=True, help="of the source")
@click.option("--recover-case", is_flag=True, help="the labels are in capitals; ask the network")
@click.option("--most-repeats", type=int, default=12, show_default=True, help="of one text")
@click.option(
    "--hold-out", type=int, default=12, show_default=True, help="documents for calibration"
)
@click.option("--most-lines", type=int, help="longer documents stay in training")
@click.option("--by-store", is_flag=True, help="documents with a common heading stay together")
@click.argument("archive", type=_FILE)
def add(
    run: Path, name: str, recover_case: bool, most_repeats: int, hold_out: int,
    most_lines: int | None, by_store: bool, archive: Path,
) -> None:  # fmt: skip
    """Add real lines with their labels."""
    from training.lines.align import recover_case as recover
    from training.lines.evaluate import read_lines
    from training.lines.folds import hold_out as draw_fold
    from training.lines.folds import receipts_by_store
    from training.lines.real import load_real_lines, read_labels
    from training.lines.synthesise import Lines, save_lines

    texts = read_labels(archive)
    short = {d: t for d, t in texts.items() if most_lines is None or len(t) <= most_lines}
    groups = receipts_by_store(short) if by_store else [(document,) for document in short]
    calibration = draw_fold(groups, hold_out)
    for prefix, documents in (("train", texts.keys() - calibration), ("cal", calibration)):
        lines, left_out = load_real_lines(
            archive, most_repeats=most_repeats, documents=frozenset(documents)
        )
        kept = list(zip(lines.images, lines.texts, strict=True))
        if recover_case:
            read = read_lines(_network(run), lines)
            cased = [recover(r, t) for r, t in zip(read, lines.texts, strict=True)]
            kept = [(i, c) for (i, _), c in zip(kept, cased, strict=True) if c is not None]
        images, labels = tuple(i for i, _ in kept), tuple(t for _, t in kept)
        if kept:
            save_lines(run / f"{prefix}_{name}.npz", Lines(images=images, texts=labels))
        logger.info(
            "%s: %d documents, %d lines, %d left out",
            prefix, len(documents), len(kept), left_out + len(lines) - len(kept),
        )  # fmt: skip
    (run / f"cal_{name}.txt").write_text("\n".join(sorted(calibration)) + "\n")


@main.command()
@_RUN
@click.option("--name", required=True, help="of the source")
@click.option("--hold-out", default="", help="pages whose name begins so are not trained on")
@click.argument("images", type=_FOLDER)
@click.argument("texts", type=_FOLDER)
def align(run: Path, name: str, hold_out: str, images: Path, texts: Path) -> None:
    """Add the lines of scanned pages whose running text is known (NAME.txt for each scan)."""
    from pipeline.vocabulary import spell, unknown
    from training.lines.align import match_page
    from training.lines.evaluate import read_lines
    from training.lines.run_folder import lines_of_scan
    from training.lines.synthesise import GrayImage, Lines, save_lines

    net = _network(run)
    found: dict[str, list[tuple[GrayImage, str]]] = {"train": [], "cal": []}
    total = strange = 0
    for path in sorted(images.iterdir()):
        text = spell((texts / f"{path.stem}.txt").read_text("utf-8"))
        pictures = lines_of_scan(path)
        lines = Lines(images=tuple(pictures), texts=("",) * len(pictures))
        matched = match_page(read_lines(net, lines), text)
        fold = "cal" if hold_out and path.stem.startswith(hold_out) else "train"
        total += len(pictures)
        strange += sum(label is not None and bool(unknown(label)) for label in matched)
        found[fold] += [
            (picture, label)
            for picture, label in zip(pictures, matched, strict=True)
            if label is not None and not unknown(label)
        ]
    for fold, pairs in found.items():
        if pairs:
            matched_lines = Lines(
                images=tuple(p for p, _ in pairs), texts=tuple(t for _, t in pairs)
            )
            save_lines(run / f"{fold}_{name}.npz", matched_lines)
    logger.info(
        "%d of %d lines are certain, %d more have characters outside the vocabulary",
        sum(map(len, found.values())), total, strange,
    )  # fmt: skip


@main.command()
@_RUN
@click.option("--output", required=True, type=_FOLDER, help="new folder of the pack")
@click.option("--most-fonts", default=60, show_default=True)
@click.option("--most-mib", default=60.0, show_default=True, help="size of the whole pack")
@click.option("--words", type=_FOLDER, default=Path("/usr/share/dict"), show_default=True)
@click.option("--prose", type=_FOLDER, help="folder of .txt files to take running text from")
@click.option("--start", type=_FILE, help="a .keras file to begin with")
@click.option("--wheels/--no-wheels", default=True, show_default=True, help="fetch them")
def pack(
    run: Path, output: Path, most_fonts: int, most_mib: float, words: Path,
    prose: Path | None, start: Path | None, wheels: bool,
) -> None:  # fmt: skip
    """Pack what a borrowed GPU machine needs to train in pieces."""
    from training.lines.fonts import choose_fonts, find_line_fonts
    from training.lines.pack import pack_run

    fonts = choose_fonts(find_line_fonts(run / "fonts.json"), most_fonts)
    try:
        size = pack_run(
            run, output, fonts=fonts, words=words, prose=prose, start=start,
            wheels=wheels, most_mib=most_mib,
        )  # fmt: skip
    except (ValueError, FileExistsError) as exc:
        raise click.ClickException(str(exc)) from exc
    logger.info("%.1f MiB in %s; over there: sh go.sh MINUTES", size / (1 << 20), output)


@main.command()
@_RUN
@click.option("--version", required=True, help="folder below --models/crnn")
@click.option("--models", type=_FOLDER, default=Path("models"), show_default=True)
@click.option("--report", multiple=True, metavar="NAME=ZIP", help="sets to report on")
@click.option("--no-fold", multiple=True, metavar="NAME", help="folds only reported on")
@click.option("--fold-case", multiple=True, metavar="NAME", help="reported without letter case")
@click.option("--data", type=_FOLDER, help="the trunk's folder, for a branch")
@click.option("--begun-from", metavar="VERSION", help="whose weights training began with")
@click.option("--note", multiple=True, metavar="TEXT", help="for the card")
def package(
    run: Path,
    version: str,
    models: Path,
    report: tuple[str, ...],
    no_fold: tuple[str, ...],
    fold_case: tuple[str, ...],
    data: Path | None,
    begun_from: str | None,
    note: tuple[str, ...],
) -> None:
    """Write the folder that ships: LiteRT and Keras weights, vocabulary, calibrated card."""
    from pipeline.runtime.litert import LiteRTModel
    from training.lines.confidence_card import calibrated
    from training.lines.fit import steps_taken
    from training.lines.measure import measure_reading
    from training.lines.package import write_line_card, write_line_weights
    from training.lines.run_folder import report_sets, sample
    from training.lines.synthesise import count_lines

    net, data = _network(run), data or run
    folder = models / "crnn" / version
    write_line_weights(net, folder)
    model = LiteRTModel(folder / "model.tflite")
    sets = report_sets(data, report, no_fold, fold_case)
    confidence, measured = calibrated(model, sets)
    metrics = [
        measure_reading(s.title, model, net, sample(s.lines, 700, seed=1), fold_case=s.fold_case)
        for s in sets
    ]
    progress = json.loads((run / "progress.json").read_text())
    training: dict[str, Any] = {
        "network": net.name,
        "parameters": net.count_params(),
        "lines_seen": progress["lines"],
        "steps": steps_taken(run),
        "seconds": round(progress["elapsed_s"]),
        "sources": {p.stem: count_lines(p) for p in sorted(data.glob("train_*.npz"))},
        "synthetic_lines": sum(map(count_lines, sorted(data.glob("synth_*.npz"))[1:])),
        "page_options": json.loads(PageOptions().to_json()),
        "notes": list(note),
    }
    if begun_from is not None:
        earlier = json.loads((models / "crnn" / begun_from / "card.json").read_text("utf-8"))
        training["begun_from"] = {"version": begun_from} | {
            key: earlier["training"][key] for key in ("lines_seen", "seconds")
        }
    if data != run:
        trunk = json.loads((data / "progress.json").read_text())
        training["seconds"] += round(trunk["elapsed_s"])
    write_line_card(
        folder, version=version, confidence=confidence,
        metrics={"lines": metrics, "confidence": measured}, training=training,
    )  # fmt: skip


@main.command()
@_RUN
@click.option("--version", required=True, help="folder below --models/crnn")
@click.option("--models", type=_FOLDER, default=Path("models"), show_default=True)
@click.option("--report", multiple=True, metavar="NAME=ZIP", help="sets to report on")
@click.option("--no-fold", multiple=True, metavar="NAME", help="folds only reported on")
@click.option("--fold-case", multiple=True, metavar="NAME", help="reported without letter case")
def calibrate(
    run: Path,
    version: str,
    models: Path,
    report: tuple[str, ...],
    no_fold: tuple[str, ...],
    fold_case: tuple[str, ...],
) -> None:
    """Fit the confidences of weights that are packed, on the run's calibration folds."""
    from pipeline.runtime.litert import LiteRTModel
    from training.lines.confidence_card import calibrated
    from training.lines.package import store_card
    from training.lines.run_folder import report_sets

    folder = models / "crnn" / version
    card = json.loads((folder / "card.json").read_text("utf-8"))
    model = LiteRTModel(folder / "model.tflite")
    card["confidence"], measured = calibrated(model, report_sets(run, report, no_fold, fold_case))
    card["temperature"] = 1.0  # the calibration has it
    card["metrics"]["confidence"] = measured
    store_card(folder, card)


@main.command()
@_RUN
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


def _network(run: Path) -> Any:
    """The network of the run's last checkpoint."""
    from training.lines.fit import load_checkpoint

    return load_checkpoint(run)


if __name__ == "__main__":
    try:
        main()
    except OcrqError as exc:
        sys.exit(f"error: {exc}")
