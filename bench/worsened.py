"""How much pages may suffer: real pages with one fault at a time (bench.faults).

`python -m bench.worsened DIR` takes a folder as for `ocrq evaluate pages`, worsens some of its
pages and prints for each fault the errors, and whether confidences tell of them: the mean of what
is said of a character, the share that is right, and how often a right one is surer than a wrong
one (AUROC). `--tesseract` reads the same files with that binary. `--keep FOLDER` keeps the worsened
pages, each fault a folder as for `ocrq evaluate pages`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import cv2
import numpy as np

from bench.faults import FAULTS
from ocrq.types import PageOptions
from pipeline.limits import Limits
from pipeline.load import load_page
from training.evaluation.datasets import PageSample, choose, find_pages
from training.evaluation.judge import Judged
from training.evaluation.run_engines import read_page
from training.evaluation.score import judge_all
from training.evaluation.tesseract import Tesseract
from training.metrics import discrimination
from training.text_score import TextScore, score_texts


@click.command()
@click.option("--limit", default=6, show_default=True, help="pages, spread evenly")
@click.option("--only", multiple=True, type=click.Choice(list(FAULTS)), help="these faults")
@click.option("--upper", is_flag=True, help="the truth has no letter case")
@click.option("--tesseract", is_flag=True, help="read with the binary, too")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path))
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(
    limit: int, only: tuple[str, ...], upper: bool, tesseract: bool, keep: Path | None, data: Path
) -> None:
    """Worsen pages, read them, print a table."""
    from pipeline.engines.registry import load_engine

    engine = load_engine("auto")
    found_at = shutil.which("tesseract") if tesseract else None
    if tesseract and found_at is None:
        raise click.UsageError("--tesseract: no such program in PATH")
    binary = None if found_at is None else Tesseract(binary=Path(found_at))
    found, left = find_pages(data)
    for none in left:
        click.echo(f"{none.name}: left out, {none.why}", err=True)
    pages = choose(found, limit=limit)
    truth = {page.name: page.truth for page in pages}
    click.echo(
        "| fault | CER | short CER | F1 | said | right | AUROC |"
        + " CER of tesseract | F1 |" * tesseract
    )
    click.echo("|---|---:|---:|---:|---:|---:|---:|" + "---:|---:|" * tesseract)
    for fault in only or FAULTS:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) if keep is None else keep / fault.replace(" ", "-")
            worse = [_worsened(page, fault, folder) for page in pages]
            read = [read_page(p, engine, PageOptions()) for p in worse]
            texts = {reading.name: reading.text for reading in read}
            row = _row(score_texts(truth, texts, ignore_case=upper))
            row += _confidences(judge_all(read, truth, ignore_case=upper))
            if binary is not None:
                there = {p.name: _text_of(binary, p.path) for p in worse}
                score = score_texts(truth, there, ignore_case=upper)
                row += f" {score.cer:.2%} | {score.bag_f1:.1%} |"
        click.echo(f"| {fault} | {row}")


def _row(score: TextScore) -> str:
    return f"{score.cer:.2%} | {score.short_cer:.2%} | {score.bag_f1:.1%} |"


def _confidences(judged: Sequence[Judged]) -> str:
    said = np.concatenate([page.confidence for page in judged])
    right = np.concatenate([page.is_right for page in judged])
    if not len(said):
        return " - | - | - |"
    return f" {said.mean():.1%} | {right.mean():.1%} | {discrimination(said, right):.2f} |"


def _worsened(page: PageSample, fault: str, folder: Path) -> PageSample:
    """The page with a fault, in a folder of its own; equal for equal names."""
    gray = load_page(str(page.path), 0, Limits(), None).gray
    rng = np.random.default_rng([*fault.encode(), *page.name.encode()])
    path = folder / "img" / f"{page.name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), FAULTS[fault](gray, rng))
    (folder / "truth").mkdir(exist_ok=True)
    (folder / "truth" / f"{page.name}.txt").write_text(page.truth, "utf-8")
    return PageSample(name=page.name, path=path, truth=page.truth)


def _text_of(binary: Tesseract, path: Path) -> str:
    text = binary.read(path).text
    if text is None:
        click.echo(f"{path}: tesseract failed; counted as read empty", err=True)
    return text or ""


if __name__ == "__main__":
    main()
