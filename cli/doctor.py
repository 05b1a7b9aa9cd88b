"""`ocrq doctor`: is everything there that reading scans needs?"""

from __future__ import annotations

import click

from cli.app import App, pass_app
from cli.check_machine import check_disk, check_gpu, check_memory
from cli.check_services import check_broker, check_database
from cli.check_software import check_packages, check_poppler, check_weights
from cli.display import print_json, show_text
from cli.finding import Check, Finding, Verdict
from ocrq.config import Settings
from ocrq.errors import ExitCode

_CHECKS: tuple[Check, ...] = (
    check_packages,
    check_database,
    check_broker,
    check_weights,
    check_poppler,
    check_gpu,
    check_disk,
    check_memory,
)
_MARKS = {Verdict.OK: "ok    ", Verdict.NOTE: "note  ", Verdict.FAILED: "FAILED"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@pass_app
def command(app: App, as_json: bool) -> int:
    """Check this machine and say what to mend.

    Looks at the database, the broker, the weights, the PDF programs, the GPU, disk and memory, and
    gives each a verdict: ok, note (works; could be better) or FAILED (with the cure). Changes
    nothing. The exit code is 0, or that of the first failure.

    \b
    Example:  ocrq doctor
    """
    findings = [_examine(check, app.settings) for check in _CHECKS]
    if as_json:
        print_json(findings)
    else:
        for finding in findings:
            click.echo(f"{_MARKS[finding.verdict]}  {finding.check}: {show_text(finding.found)}")
            if finding.cure:
                click.echo(f"        {show_text(finding.cure)}")
    failed = [finding for finding in findings if finding.verdict is Verdict.FAILED]
    return failed[0].exit_code if failed else ExitCode.DONE


def _examine(check: Check, settings: Settings) -> Finding:
    """A check that cannot even be made is a failure of its own, and the others still run."""
    try:
        return check(settings)
    except (ImportError, OSError) as exc:
        return Finding(
            check=check.__name__.removeprefix("check_"),
            verdict=Verdict.FAILED,
            found=f"{type(exc).__name__}: {exc}",
            cure="install ocrq again",
            exit_code=ExitCode.INTERNAL,
        )
