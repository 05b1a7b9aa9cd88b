"""`ocrq evaluate text`: exported texts against the truth."""

from __future__ import annotations

from pathlib import Path

import click

from cli.app import App, pass_app
from cli.display import count_of, format_table, print_json, show_number, show_text
from ocrq.errors import UsageError
from training.evaluation.text_file import readable
from training.text_score import TextScore, score_texts

_WORST = 10  # pages that are listed; --json has them all


@click.command("text")
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
@click.option(
    "--ignore-case", "--upper", is_flag=True, help="Write both in capitals: case is equal."
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@pass_app
def command(app: App, texts: Path, truth: Path, ignore_case: bool, as_json: bool) -> None:
    """Score exported texts against true ones.

    Compares every NAME.txt of the truth with NAME.txt in DIR; one that is missing counts as empty.
    Quotes, dashes, divided words and white space are made alike first. CER (WER) is the number of
    characters (words) to change, insert or delete, in per cent of the true ones; short counts only
    runs of fewer than six, letter case folded.

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
    with readable(folder):
        return {
            path.stem: path.read_text("utf-8-sig", "replace")
            for path in sorted(folder.glob("*.txt"))
            if path.is_file()
        }


def _print(score: TextScore) -> None:
    click.echo(
        f"CER {score.cer:.2%} ({_interval(score)}), "
        f"short {score.short_cer:.2%}, without spaces {score.dense_cer:.2%}, "
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


def _interval(score: TextScore) -> str:
    if score.cer_low is None or score.cer_high is None:
        return "one page: no interval"
    return f"95 % between {score.cer_low:.2%} and {score.cer_high:.2%}"
