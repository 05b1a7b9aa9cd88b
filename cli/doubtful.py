"""`ocrq doubtful`: the least certain characters, where they stand and how to correct them."""

from __future__ import annotations

import click

from cli.app import App, pass_app
from cli.display import format_table, print_json, show_path, show_text
from cli.finite import FiniteRange
from cli.settings_database import open_database
from store.batches import resolve_batch
from store.doubts import DoubtfulCharacter, doubtful

_CONTEXT_CHARS = 18  # shown on each side


@click.command("doubtful")
@click.argument("batch")
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=50,
    show_default=True,
    help="List so many characters at most.",
)
@click.option(
    "--below",
    type=FiniteRange(0, 1),
    default=0.9,
    show_default=True,
    metavar="CONFIDENCE",
    help="List only characters less certain than this.",
)
@click.option("--picture-text", is_flag=True, help="Characters in pictures, too.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@pass_app
def command(
    app: App, batch: str, limit: int, below: float, picture_text: bool, as_json: bool
) -> None:
    """List the least certain characters, for review.

    The worst first, each with its confidence (the probability that it is right), what else it
    could be, the text around it in [brackets], and its page id, line and position, which is what
    `ocrq correct` takes. Corrected and confirmed characters are not listed again. Those in
    pictures, which the text export leaves out until somebody corrects their line, are listed with
    --picture-text only.

    \b
    Example:  ocrq doubtful scans-20261120-1 --limit 20
              ocrq correct 17 4 --position 12 O
    """
    with open_database(app.settings) as db:
        batch_id = resolve_batch(db, batch).id
        found = doubtful(db, batch_id, limit, below, with_picture_text=picture_text)
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo(f"No character is below {below:g}.")
        return
    header = ("certain", "read", "or", "page", "line", "position", "context", "scan")
    click.echo(format_table(header, [_row(character) for character in found]))
    first = found[0]
    other = first.alternatives[0][0] if first.alternatives else "X"
    click.echo(
        f"\nTo correct the first one to {show_text(other)!r}: ocrq correct {first.page_id} "
        f"{first.line} --position {first.position} {_quoted(other)}",
        err=True,
    )


def _row(character: DoubtfulCharacter) -> tuple[str, ...]:
    return (
        f"{character.confidence:.3f}",
        _visible(character.char),
        " ".join(_visible(char) for char, _ in character.alternatives),
        str(character.page_id),
        str(character.line),
        str(character.position),
        context(character.text, character.position),
        f"{show_path(character.path)} p. {character.number}",
    )


def context(text: str, position: int) -> str:
    """The text around a character, which stands in brackets.

    >>> context("he was b0rn in 1820", 8)
    'he was b[0]rn in 1820'
    """
    before = text[max(0, position - _CONTEXT_CHARS) : position]
    after = text[position + 1 : position + 1 + _CONTEXT_CHARS]
    return f"{show_text(before)}[{show_text(text[position : position + 1])}]{show_text(after)}"


def _visible(char: str) -> str:
    return "space" if char == " " else show_text(char)


def _quoted(char: str) -> str:
    return "'" + char + "'" if char != "'" else '"\'"'
