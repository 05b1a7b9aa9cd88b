"""The options that `run`, `submit` and `schedule add` share: what to read, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar, cast

import click

from cli.words_param import WordsParam
from ocrq.errors import UsageError
from ocrq.types import LANGUAGE_MODELS, PageOptions
from worker.intake import OnDuplicate, SubmitOptions

F = TypeVar("F", bound=Callable[..., Any])

_PATHS = click.argument("paths", nargs=-1, required=True, metavar="PATH...")
_BATCH = click.option("--batch", metavar="NAME", help="Name of the batch; an existing one goes on.")
_OPTIONS = (
    click.option(
        "--priority",
        type=click.IntRange(0, 9),
        default=5,
        show_default=True,
        help="9 is read soonest.",
    ),
    click.option(
        "--recursive/--no-recursive",
        default=True,
        show_default=True,
        help="Look into folders below.",
    ),
    click.option(
        "--on-duplicate",
        type=click.Choice(["link", "again", "skip"]),
        default="link",
        show_default=True,
        help="A file that was read before: link it to that reading, read it again, or skip it.",
    ),
    click.option(
        "--engine",
        default=PageOptions().engine,
        show_default=True,
        help="What recognises the characters.",
    ),
    click.option(
        "--classes",
        type=click.Choice(["digits", "upper", "upper36", "alnum", "ascii"]),
        default=PageOptions().classes,
        show_default=True,
        help="Characters that can be on the page.",
    ),
    click.option("--dpi", type=int, help="Resolution of the scans, if their files are wrong."),
    click.option(
        "--orient/--no-orient", default=True, show_default=True, help="Turn sideways pages upright."
    ),
    click.option(
        "--deskew/--no-deskew", default=True, show_default=True, help="Straighten crooked pages."
    ),
    click.option(
        "--clean/--no-clean",
        default=True,
        show_default=True,
        help="Even out the background, take specks out, enlarge small print.",
    ),
    click.option(
        "--rules/--no-rules",
        "remove_rules",
        default=True,
        show_default=True,
        help="Take printed lines out (with --clean).",
    ),
    click.option(
        "--rectify/--no-rectify",
        default=False,
        show_default=True,
        help="See a photographed sheet from straight above.",
    ),
    click.option(
        "--alternatives",
        type=click.IntRange(0, 10),
        default=PageOptions().alternatives,
        show_default=True,
        help="Other readings kept for a character that is not certain.",
    ),
    click.option(
        "--words",
        type=WordsParam(),
        default=PageOptions().words,
        show_default=True,
        metavar="english|none|FILE",
        help="Words that may settle doubtful letters: a list, or a file with one a line.",
    ),
    click.option(
        "--language-model",
        type=click.Choice(LANGUAGE_MODELS),
        default=PageOptions().language_model,
        show_default=True,
        help="What the line recogniser expects of texts where it doubts.",
    ),
)


def intake_options(command: F) -> F:
    """Add the options to a command; it receives them as keywords for `submit_options`."""
    return _add(command, _PATHS, _BATCH, *_OPTIONS)


def schedule_options(command: F) -> F:
    """The same without --batch, for `page_options` and the rest."""
    return _add(command, _PATHS, *_OPTIONS)


def window_options(command: F) -> F:
    """Add --window and --timezone; they are read by `cli.time_zones`."""
    return _add(
        command,
        click.option(
            "--window",
            metavar="HH:MM-HH:MM",
            help="Read the pages within these hours only.",
        ),
        click.option(
            "--timezone",
            metavar="ZONE",
            help="Time zone such as Europe/Berlin.  [default: the one of this machine]",
        ),
    )


def _add(command: F, *options: Callable[[F], F]) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def submit_options(values: dict[str, Any]) -> SubmitOptions:
    """The options from a command's keywords, which are consumed.

    Raises:
        UsageError: a value is out of range.
    """
    return SubmitOptions(
        page=page_options(values),
        batch=values.pop("batch"),
        priority=values.pop("priority"),
        recursive=values.pop("recursive"),
        on_duplicate=cast(OnDuplicate, values.pop("on_duplicate")),
        window=values.pop("window", None),
    )


def page_options(values: dict[str, Any]) -> PageOptions:
    """How pages are read, from a command's keywords, which are consumed.

    Raises:
        UsageError: a value is out of range.
    """
    names = {field.name for field in fields(PageOptions)} & values.keys()
    try:
        options = PageOptions(**{name: values.pop(name) for name in names})
    except ValueError as exc:
        raise UsageError(str(exc)) from exc
    return options
