"""The `ocrq` command: finds the command's module, turns errors into messages and exit codes.

Nothing heavy is imported before a command is chosen: `ocrq --help` must answer at once.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from cli.app import App
from cli.closed_pipes import discard_stdout, lasting_stream
from ocrq import __version__
from ocrq.errors import ExitCode, OcrqError

#: Each command lives in the module of its name (`_` for `-`); the sentence is its short help.
COMMANDS = {
    "run": "Read scans now, with a worker of its own, and show what came out.",
    "submit": "Put scans into the queue for the workers.",
    "worker": "Read queued pages until it is stopped.",
    "status": "Show how far the batches are.",
    "export": "Write a batch's text or characters into files.",
    "failures": "List the pages that could not be read, and why.",
    "retry": "Queue failed pages again.",
    "redo": "Read pages again with other options; old readings stay.",
    "page": "Show a page: its state, its readings, what happened to it.",
    "inspect": "Read one page here and now, and show how; nothing is stored.",
    "pause": "Start no more pages of a batch, or of all, until `ocrq resume`.",
    "resume": "Go on with a paused batch, or with everything.",
    "priority": "Read a batch sooner or later.",
    "schedule": "Submit scans by themselves at set times, such as each night.",
    "cancel": "Stop a batch; what is read stays.",
    "workers": "Show what each worker does now, and the pages that it reads.",
    "drain": "Let a worker finish the pages that it reads and take no more.",
    "prune": "Delete old readings that are not current, or whole old batches.",
    "doubtful": "List the least certain characters, for review.",
    "correct": "Correct a character or a line.",
    "review": "Look at pages and correct them in a browser.",
    "db": "Create, upgrade, back up or find the database.",
    "models": "List or verify the trained models.",
    "doctor": "Check this machine and say what to mend.",
    "train": "Train a character model.",
    "evaluate": "Measure recognition against the truth.",
    "benchmark": "Time the way of a page, beside tesseract if it is here.",
}

_EPILOG = (
    "Most people need only: ocrq run ./scans --format txt --output ./text\n\n"
    "Exit codes: 0 done; 1 done, but some pages failed; 2 wrong use; 130 interrupted; "
    "others in docs/errors.md."
)


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            if os.path.exists(name):  # noqa: PTH110 (a name with a null byte must not raise)
                raise click.UsageError(
                    f"{click.format_filename(name)} is not a command; to read it: "
                    f"ocrq run {click.format_filename(name)}",
                    ctx,
                )
            raise click.NoSuchCommand(name, possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run the command line and end the process with its exit code.

        click's own version answers a closed pipe with 1, which here means failed pages.
        """
        name = prog_name or "ocrq"
        self._main_shell_completion(extra, name)
        given = sys.argv[1:] if args is None else list(args)
        sys.exit(_exit_code(lambda: self._run(name, given, extra)))

    def _run(self, name: str, args: list[str], extra: dict[str, Any]) -> object:
        with self.make_context(name, args, **extra) as ctx:
            return self.invoke(ctx)


def _exit_code(run: Callable[[], object]) -> int:
    try:
        code = run()
        sys.stdout.flush()
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except click.ClickException as exc:
        exc.show()
        return exc.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return ExitCode.INTERRUPTED
    except OcrqError as exc:
        logging.getLogger(__name__).debug("the error came from here", exc_info=True)
        click.echo(f"Error: {exc}", err=True)
        return exc.exit_code
    except BrokenPipeError:
        # The reader of a listing (`| head`) has enough; a stderr that is closed raises nothing.
        discard_stdout()
        return ExitCode.DONE
    except Exception as exc:
        if isinstance(exc, OSError) and exc.errno in _NO_ROOM:
            click.echo(f"Error: {_no_room(exc)}", err=True)
            discard_stdout()
            return ExitCode.STORE
        _report_bug(exc)
        return ExitCode.INTERNAL
    return code if isinstance(code, int) else ExitCode.DONE


#: A full disk, a quota that is used up, a file as large as this process may make one.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _no_room(exc: OSError) -> str:
    where = exc.filename if exc.filename is not None else "the output"
    if exc.errno == errno.ENOSPC:
        return f"no space is left on the disk for {where}; free some and give the command again"
    return f"{where} takes no more: {exc.strerror} (a quota, or `ulimit -f`); raise that limit"


def _report_bug(exc: Exception) -> None:
    logger = logging.getLogger(__name__)
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("unexpected error", exc_info=exc)
    click.echo(
        f"Error: something unexpected happened: {type(exc).__name__}: {exc}\n"
        "This is a fault in ocrq. OCRQ_LOG_LEVEL=debug shows where; please report it with that.",
        err=True,
    )


@click.group(
    cls=_LazyGroup, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="ocrq", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Read scans: every character goes, with its confidence, into an SQL database."""
    if ctx.obj is None:
        ctx.obj = App(env=os.environ)


def main() -> None:
    """Entry point of the `ocrq` script."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller (`>&-`): what is said goes nowhere
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
    # A terminal that cannot show a character must not stop a listing.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.stderr = lasting_stream(sys.stderr.fileno())
    cli.main()


if __name__ == "__main__":
    main()
