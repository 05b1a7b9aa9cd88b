from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli import main
from cli.app import App
from ocrq import __version__
from ocrq.errors import ConfigError, ExitCode, OcrqError, StoreUnavailable, UsageError
from tests.cli_runner import make_ocrq

_HEAVY = ("sqlalchemy", "numpy", "celery", "tensorflow", "keras", "ai_edge_litert", "cv2", "rich")


def _loaded_by(*args: str, home: Path) -> set[str]:
    """Top-level packages that a command line loads, in a process of its own."""
    script = (
        "import sys\n"
        "from cli.main import cli\n"
        "try:\n    cli.main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print('LOADED', *{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *args],
        capture_output=True,
        text=True,
        check=True,
        env={"OCRQ_HOME": str(home), "PATH": ""},
    )
    return set(done.stdout.rpartition("LOADED ")[2].split())


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    assert _loaded_by("--help", home=tmp_path).isdisjoint(_HEAVY)


@pytest.mark.parametrize("args", [("status",), ("failures",), ("db", "current")])
def test_looking_at_the_queue_loads_no_recogniser_and_no_celery(
    args: tuple[str, ...], tmp_path: Path
) -> None:
    loaded = _loaded_by(*args, home=tmp_path)
    assert "sqlalchemy" in loaded
    assert loaded.isdisjoint({"numpy", "celery", "tensorflow", "keras", "ai_edge_litert", "cv2"})


@pytest.mark.parametrize("command", ["submit", "export", "doubtful", "retry", "run"])
def test_no_command_line_loads_a_recogniser_to_parse_itself(command: str, tmp_path: Path) -> None:
    loaded = _loaded_by(command, "--help", home=tmp_path)
    assert loaded.isdisjoint({"tensorflow", "keras", "ai_edge_litert"})


def test_every_command_answers_help_with_its_own_sentence_and_an_example() -> None:
    for name, sentence in main.COMMANDS.items():
        result = CliRunner().invoke(main.cli, [name, "--help"])
        assert result.exit_code == 0, result.output
        command = main.cli.get_command(click.Context(main.cli), name)
        assert command is not None
        assert sentence in result.output
        leaves: list[click.Command | None] = [command]
        if isinstance(command, click.Group):
            context = click.Context(command)
            leaves = [command.get_command(context, n) for n in command.list_commands(context)]
        for leaf in leaves:
            assert leaf is not None
            assert "Example:" in (leaf.help or ""), f"{name} {leaf.name} has no example"


def test_a_broken_setting_does_not_hide_the_help(tmp_path: Path) -> None:
    ocrq = make_ocrq(tmp_path, OCRQ_LEASE_S="soon")
    assert ocrq("status", "--help").exit_code == 0
    result = ocrq("status")
    assert result.exit_code == ExitCode.CONFIG
    assert "OCRQ_LEASE_S" in result.stderr


def test_version() -> None:
    assert CliRunner().invoke(main.cli, ["--version"]).output == f"ocrq {__version__}\n"


def test_a_typo_suggests_the_near_command() -> None:
    result = CliRunner().invoke(main.cli, ["statsu"])
    assert result.exit_code == ExitCode.USAGE
    assert "status" in result.stderr


def test_a_path_in_place_of_a_command_names_the_command_that_reads_it(tmp_path: Path) -> None:
    result = CliRunner().invoke(main.cli, [str(tmp_path)])
    assert result.exit_code == ExitCode.USAGE
    assert f"ocrq run {tmp_path}" in result.stderr


def test_a_wrong_option_is_wrong_use() -> None:
    result = CliRunner().invoke(main.cli, ["status", "--jsn"])
    assert result.exit_code == ExitCode.USAGE
    assert "--json" in result.stderr


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (UsageError("no such batch"), 2, "Error: no such batch"),
        (ConfigError("bad"), 78, "bad"),
        (StoreUnavailable(), 74, "cannot be reached"),
        (OcrqError(), 70, "inside ocrq"),
        (KeyboardInterrupt(), 130, "Interrupted"),
        (click.Abort(), 130, "Interrupted"),
        (ZeroDivisionError("by zero"), 70, "OCRQ_LOG_LEVEL=debug"),
    ],
)
def test_errors_become_a_sentence_and_an_exit_code(
    error: BaseException, code: int, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(_self: App) -> None:
        raise error

    monkeypatch.setattr(App, "settings", property(fail))
    result = make_ocrq(tmp_path)("db", "path")
    assert result.exit_code == code
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_debug_shows_where_an_unexpected_error_came_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("cli.db._shown", fail)
    result = make_ocrq(tmp_path, OCRQ_LOG_LEVEL="debug")("db", "path")
    assert result.exit_code == ExitCode.INTERNAL
    assert "Traceback" in result.stderr


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "db", "path"],
        capture_output=True,
        env={"OCRQ_HOME": str(tmp_path)},
        preexec_fn=_close_stdout_reader,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def _close_stdout_reader() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    os.dup2(write_end, 1)


@pytest.mark.parametrize("command", ["path", "current"])
def test_a_closed_stdout_is_no_error_of_ours(command: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "db", command],
        stderr=subprocess.PIPE,
        env={"OCRQ_HOME": str(tmp_path)},
        preexec_fn=lambda: os.close(1),
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode in (ExitCode.DONE, ExitCode.STORE)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_behind_stdout_is_said_plainly(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", "db", "path"],
            stdout=full,
            stderr=subprocess.PIPE,
            env={"OCRQ_HOME": str(tmp_path)},
            check=False,
        )
    assert done.returncode == ExitCode.STORE
    assert b"no space is left" in done.stderr
    assert b"fault in ocrq" not in done.stderr
