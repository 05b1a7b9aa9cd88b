"""Commands that make what is trained on: drawn, composed and real lines."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

from training.characters.config import SEED
from training.lines.command_options import FILE, FOLDER, RUN, network_of

logger = logging.getLogger(__name__)

GrayImage = npt.NDArray[np.uint8]

#: Lines whose case is judged together.
_LINES_AT_A_TIME = 64


@click.command()
@RUN
@click.option("--prose", type=FOLDER, help="folder of .txt files to take running text from")
@click.option("--fonts", type=FOLDER, default=Path("/usr/share/fonts"), show_default=True)
@click.option("--words", type=FOLDER, default=Path("/usr/share/dict"), show_default=True)
@click.option("--first", default=0, show_default=True, help="number of the first shard")
@click.option("--shards", default=18, show_default=True)
@click.option("--lines", default=6000, show_default=True, help="in each shard")
@click.option("--accented", type=click.FloatRange(0, 1), help="of the lines, as a share")
@click.option("--old-print", type=click.FloatRange(0, 1), help="of the running text, as a share")
def synthesise(
    run: Path,
    prose: Path | None,
    fonts: Path,
    words: Path,
    first: int,
    shards: int,
    lines: int,
    accented: float | None,
    old_print: float | None,
) -> None:
    """Draw synthetic lines; shards that are there are kept, shard 0 is never trained on."""
    from training.lines.fonts import FontChoice, find_line_fonts
    from training.lines.synthesise import draw_lines, save_lines
    from training.lines.text import load_text_source

    run.mkdir(parents=True, exist_ok=True)
    choice = FontChoice(find_line_fonts(run / "fonts.json", fonts))
    source = load_text_source(sorted(prose.glob("*.txt")) if prose else [], words)
    if accented is not None:
        source = replace(source, accented=accented)
    if old_print is not None:
        source = replace(source, old_print=old_print)
    for number in range(first, first + shards):
        path = run / f"synth_{number:04d}.npz"
        if not path.exists():
            save_lines(path, draw_lines(1000 + number, lines, source, choice))
            logger.info("%s", path)


@click.command()
@RUN
@click.option("--lines", default=24000, show_default=True, help="to train on")
@click.option("--seed", default=SEED, show_default=True, help="of the split by cluster")
@click.option("--again", type=click.IntRange(2), help="other lines to train on, set so many")
@click.argument("characters", type=FILE)
def handprint(run: Path, lines: int, seed: int, again: int | None, characters: Path) -> None:
    """Compose hand-printed lines: to train on, for calibration, and held out, of other clusters."""
    from training.characters.formats import load_characters
    from training.characters.split import split_by_cluster
    from training.lines.handprint import compose_lines, hand_of
    from training.lines.synthesise import save_lines
    from training.lines.text import load_text_source

    found = load_characters(characters)
    split = split_by_cluster(found, seed=seed)
    source = load_text_source([])
    sets = [
        ("train_handprint", split.train, lines),
        ("cal_handprint", split.calibration, 800),
        ("held_handprint", split.held_out, 1000),
    ]
    if again is not None:
        sets = [(f"train_handprint{again}", split.train, lines)]
    for number, (name, rows, count) in enumerate(sets, start=15 + again if again else 0):
        hand = hand_of(found.take(rows))
        save_lines(run / f"{name}.npz", compose_lines(number, count, source, hand))
        logger.info("%s.npz", name)


@click.command()
@RUN
@click.option("--name", required=True, help="of the source")
@click.option("--recover-case", is_flag=True, help="the labels are in capitals; ask the network")
@click.option("--most-repeats", type=int, default=12, show_default=True, help="of one text")
@click.option(
    "--hold-out", type=int, default=12, show_default=True, help="documents for calibration"
)
@click.option("--most-lines", type=int, help="longer documents stay in training")
@click.option("--by-store", is_flag=True, help="documents with a common heading stay together")
@click.argument("archive", type=FILE)
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
            read = read_lines(network_of(run), lines)
            cased = [recover(r, t) for r, t in zip(read, lines.texts, strict=True)]
            found = [(i, c) for (i, _), c in zip(kept, cased, strict=True) if c is not None]
            kept = list(_in_seen_case(found))
        images, labels = tuple(i for i, _ in kept), tuple(t for _, t in kept)
        if kept:
            save_lines(run / f"{prefix}_{name}.npz", Lines(images=images, texts=labels))
        logger.info(
            "%s: %d documents, %d lines, %d left out",
            prefix, len(documents), len(kept), left_out + len(lines) - len(kept),
        )  # fmt: skip
    (run / f"cal_{name}.txt").write_text("\n".join(sorted(calibration)) + "\n")


def _in_seen_case(lines: Sequence[tuple[GrayImage, str]]) -> Iterator[tuple[GrayImage, str]]:
    from pipeline.engines.registry import load_engine
    from pipeline.runtime.classifier import load_classifier
    from pipeline.weights import find_model
    from training.lines.seen_case import settle_case

    engine, classifier = load_engine("crnn"), load_classifier(find_model("resnet"), "cpu")
    for start in range(0, len(lines), _LINES_AT_A_TIME):
        images, labels = zip(*lines[start : start + _LINES_AT_A_TIME], strict=True)
        yield from zip(images, settle_case(images, labels, engine, classifier), strict=True)


@click.command()
@RUN
@click.option("--name", required=True, help="of the source")
@click.option("--hold-out", default="", help="pages whose name begins so are not trained on")
@click.argument("images", type=FOLDER)
@click.argument("texts", type=FOLDER)
def align(run: Path, name: str, hold_out: str, images: Path, texts: Path) -> None:
    """Add the lines of scanned pages whose running text is known (NAME.txt for each scan)."""
    from pipeline.vocabulary import spell, unknown
    from training.lines.align import match_page
    from training.lines.evaluate import read_lines
    from training.lines.run_folder import lines_of_scan
    from training.lines.synthesise import Lines, save_lines

    net = network_of(run)
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


@click.command()
@RUN
@click.option("--output", required=True, type=FOLDER, help="new folder of the pack")
@click.option("--most-fonts", default=60, show_default=True)
@click.option("--most-mib", default=60.0, show_default=True, help="size of the whole pack")
@click.option("--words", type=FOLDER, default=Path("/usr/share/dict"), show_default=True)
@click.option("--prose", type=FOLDER, help="folder of .txt files to take running text from")
@click.option("--start", type=FILE, help="a .keras file to begin with")
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
