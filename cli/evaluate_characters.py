"""`ocrq evaluate characters`: single characters against their labels."""

from __future__ import annotations

from pathlib import Path

import click

from cli.app import App, pass_app
from cli.display import format_table, print_json, show_number


@click.command("characters")
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
def command(
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
