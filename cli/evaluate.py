"""`ocrq evaluate`: recognition against the truth."""

from __future__ import annotations

from pathlib import Path

import click

from cli.app import App, pass_app
from cli.display import count_of, format_table, print_json, show_number, show_text
from ocrq.errors import UsageError
from training.text_score import TextScore, score_texts

_WORST = 10  # pages that are listed; --json has them all


@click.group("evaluate")
def command() -> None:
    """Measure recognition against the truth."""


@command.command("characters")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--model", default="resnet", show_default=True, help="Which model.")
@click.option(
    "--classes",
    multiple=True,
    default=("alnum",),
    show_default=True,
    metavar="NAME",
    help="Restrict the answers to digits, upper, upper36, alnum or ascii; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@pass_app
def characters(
    app: App, files: tuple[Path, ...], model: str, classes: tuple[str, ...], as_json: bool
) -> None:
    """Score a model on files of labelled characters.

    FILE is as for `ocrq train`. "merged" takes twins that no picture tells apart (O and 0) for one.
    "found in 5 %" is the share of all errors among the 5 % least certain characters. Figures on
    files that the model was trained on are too good; the report of a training run has those of
    characters that it never saw.

    \b
    Example:  ocrq evaluate characters handprint.npz --classes digits --classes alnum
    """
    del app
    from training.characters.evaluate import (
        evaluate_characters,  # numpy and OpenCV, which text does without
    )

    scores = evaluate_characters(files, model=model, class_sets=classes)
    if as_json:
        print_json([score.summary() for score in scores])
        return
    header = ("classes", "pictures", "right", "merged", "macro F1", "ECE", "AUROC", "found in 5 %")
    rows = [
        (
            score.class_set,
            show_number(score.count),
            f"{score.accuracy:.2%}",
            f"{score.merged_accuracy:.2%}",
            show_number(score.macro_f1, 3),
            show_number(score.ece, 4),
            show_number(score.auroc, 3),
            f"{dict(score.errors_found).get(0.05, float('nan')):.0%}",
        )
        for score in scores
    ]
    click.echo(format_table(header, rows))


@command.command("text")
@click.argument(
    "texts", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "--truth",
    required=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the true text of each page, in files of the same names.",
)
@click.option("--ignore-case", is_flag=True, help="Take capitals for small letters.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@pass_app
def text(app: App, texts: Path, truth: Path, ignore_case: bool, as_json: bool) -> None:
    """Score exported texts against true ones.

    Compares every NAME.txt of the truth with NAME.txt in DIR; one that is missing counts as empty.
    Quotes, dashes, divided words and white space are made alike first. CER (WER) is the number of
    characters (words) to change, insert or delete, in per cent of the true ones.

    \b
    Example:  ocrq export b1 --format txt --output out && ocrq evaluate text out --truth truth
    """
    del app
    score = score_texts(_read_folder(truth), _read_folder(texts), ignore_case=ignore_case)
    if not score.pages:
        raise UsageError(f"{truth} holds no .txt files")
    if as_json:
        print_json(score)
        return
    _print(score)


def _read_folder(folder: Path) -> dict[str, str]:
    return {
        path.stem: path.read_text("utf-8", "replace")
        for path in sorted(folder.glob("*.txt"))
        if path.is_file()
    }


def _print(score: TextScore) -> None:
    click.echo(
        f"CER {score.cer:.2%} (95 % between {score.cer_low:.2%} and {score.cer_high:.2%}), "
        f"WER {score.wer:.2%}, words found in any order F1 {score.bag_f1:.2%}, "
        f"{count_of(len(score.pages), 'page')}, "
        f"{count_of(score.characters, 'character')}"
    )
    if score.missing:
        shown = ", ".join(show_text(name) for name in score.missing[:5])
        click.echo(f"no text for {count_of(len(score.missing), 'page')}: {shown}", err=True)
    worst = sorted(score.pages, key=lambda page: -page.edits)[:_WORST]
    rows = [
        (show_text(p.name), f"{p.cer:.2%}", show_number(p.edits), show_number(p.characters))
        for p in worst
        if p.edits
    ]
    if rows:
        click.echo()
        click.echo(format_table(("most errors", "CER", "edits", "characters"), rows))
