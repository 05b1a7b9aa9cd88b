"""A command, option, setting or exit code that nobody wrote down does not exist for its users."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from cli.export_summary import ExportSummary
from cli.finding import Finding
from cli.main import COMMANDS, cli
from export.csv_chars import COLUMNS
from ocrq.config import Settings
from ocrq.errors import ExitCode
from store.doubts import DoubtfulCharacter
from store.queries import FailedPage
from training.text_score import TextScore

_DOCS = Path(__file__).parents[1] / "docs"


def _leaves() -> Iterator[tuple[str, str, click.Command]]:
    """(command, full name, the click command) for every command and subcommand."""
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        if isinstance(command, click.Group):
            context = click.Context(command)
            for child_name in command.list_commands(context):
                child = command.get_command(context, child_name)
                assert child is not None
                yield name, f"{name} {child_name}", child
        else:
            yield name, name, command


def _section(name: str) -> str:
    text = (_DOCS / "cli.md").read_text("utf-8")
    found = re.search(rf"^## `ocrq {name}\b.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/cli.md has no section on {name}"
    if name in ("run", "schedule"):  # they take what submit takes
        return found[0] + _section("submit")
    return found[0]


@pytest.mark.parametrize("command", list(_leaves()), ids=lambda value: str(value[1]))
def test_every_command_and_option_is_documented(command: tuple[str, str, click.Command]) -> None:
    section_name, full_name, found = command
    section = _section(section_name)
    if " " in full_name:
        assert f"`ocrq {full_name}" in section
    for option in found.params:
        if isinstance(option, click.Option):
            for spelling in (*option.opts, *option.secondary_opts):
                assert f"`{spelling}" in section, f"{full_name} {spelling}"


@pytest.mark.parametrize(
    ("section", "printed"),
    [
        ("doctor", Finding),
        ("doubtful", DoubtfulCharacter),
        ("evaluate", TextScore),
        ("export", ExportSummary),
        ("failures", FailedPage),
    ],
)
def test_every_key_of_a_printed_record_is_documented(section: str, printed: type) -> None:
    text = _section(section)
    assert [f.name for f in fields(printed) if f"`{f.name}`" not in text] == []


def test_no_command_is_documented_that_does_not_exist() -> None:
    text = (_DOCS / "cli.md").read_text("utf-8")
    assert set(re.findall(r"^## `ocrq (\w+)", text, re.MULTILINE)) == set(COMMANDS)


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(
        re.findall(
            r"^\| `OCRQ_(\w+)` \| (.*?) \|",
            (_DOCS / "settings.md").read_text("utf-8"),
            re.MULTILINE,
        )
    )
    declared = {f.name.upper(): f.default for f in fields(Settings)}
    assert set(rows) == {*declared, "CONFIG"}
    for name, default in declared.items():
        if name == "HOME":
            continue
        shown = rows[name].strip("`")
        if isinstance(default, int | float):
            assert float(shown) == default, name
        else:
            assert shown == (default or "empty"), name


def test_every_exit_code_is_documented() -> None:
    rows = re.findall(
        r"^\| (\d+) \| `(\w+)` \|", (_DOCS / "errors.md").read_text("utf-8"), re.MULTILINE
    )
    assert rows == [(str(code.value), code.name) for code in ExitCode]


def test_every_column_of_the_csv_is_documented_in_its_order() -> None:
    section = _section("export")
    table = section[section.index("| Column |") :]
    first_cells = " ".join(re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE))
    assert tuple(re.findall(r"`(\w+)`", first_cells)) == COLUMNS


def test_links_between_documents_lead_somewhere() -> None:
    for path in _DOCS.glob("*.md"):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name} -> {target}"
