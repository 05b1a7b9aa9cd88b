"""`ocrq correct`: a person's word against the machine's."""

from __future__ import annotations

import click

from cli.app import App, pass_app
from cli.display import print_json, show_text
from cli.settings_database import open_database
from cli.user_name import user_name
from ocrq.errors import UsageError
from store.corrected_line import CorrectionKind
from store.corrections import LineText, correct_character, correct_line
from store.database import Database


@click.command("correct")
@click.argument("page", type=int)
@click.argument("line", type=int)
@click.argument("text", required=False)
@click.option(
    "--position",
    type=int,
    metavar="N",
    help="Correct one character: its position in the line as the machine read it, from 0.",
)
@click.option("--insert", is_flag=True, help="With --position: put TEXT before that character.")
@click.option("--delete", is_flag=True, help="With --position: take that character out.")
@click.option("--reviewer", metavar="NAME", help="Who says so.  [default: your user name]")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@pass_app
def command(
    app: App,
    page: int,
    line: int,
    text: str | None,
    position: int | None,
    insert: bool,
    delete: bool,
    reviewer: str | None,
    as_json: bool,
) -> None:
    """Correct a character or a line.

    PAGE is a page id and LINE a line's number from 0, as `ocrq doubtful` shows them; TEXT is what
    the whole line should read, or with --position what that character should be. What the machine
    read is kept beside it, positions never shift, and exports have the corrected text.

    The character that stands at --position already confirms it: `ocrq doubtful` lists it no more.
    A TEXT that the line has already changes nothing and is not stored.

    \b
    Example:  ocrq correct 17 4 "Born in Oslo, 1820"
              ocrq correct 17 4 --position 12 O
              ocrq correct 17 4 --position 13 --delete
    """
    kind = _kind(text, position, insert, delete)
    with open_database(app.settings) as db:
        corrected = _correct(db, page, line, text or "", position, kind, reviewer or user_name())
    if as_json:
        print_json({"page_id": page, **_as_dict(corrected)})
        return
    if not corrected.is_stored:
        click.echo(f"It reads so already, nothing was stored: {show_text(corrected.text)}")
    elif corrected.text == corrected.before:
        click.echo(f"Character {position} is confirmed: {show_text(corrected.text)}")
    else:
        click.echo(f"was:  {show_text(corrected.before)}")
        click.echo(f"now:  {show_text(corrected.text)}")


def _kind(text: str | None, position: int | None, insert: bool, delete: bool) -> CorrectionKind:
    if position is None:
        if insert or delete:
            raise UsageError("--insert and --delete need --position N")
        if text is None:
            raise UsageError('give the TEXT of the line ("" for an empty one), or --position N')
        return CorrectionKind.LINE
    if insert and delete:
        raise UsageError("--insert and --delete exclude each other")
    if delete:
        if text:
            raise UsageError("--delete takes no TEXT")
        return CorrectionKind.DELETE
    if text is None:
        raise UsageError("give the character that should stand there, or --delete")
    return CorrectionKind.INSERT if insert else CorrectionKind.REPLACE


def _correct(
    db: Database,
    page: int,
    line: int,
    text: str,
    position: int | None,
    kind: CorrectionKind,
    reviewer: str,
) -> LineText:
    if position is None:
        return correct_line(db, page, line, text, reviewer)
    return correct_character(db, page, line, position, kind, text, reviewer)


def _as_dict(corrected: LineText) -> dict[str, object]:
    return {
        "reading_id": corrected.reading_id,
        "line": corrected.line,
        "before": corrected.before,
        "text": corrected.text,
        "stored": corrected.is_stored,
    }
