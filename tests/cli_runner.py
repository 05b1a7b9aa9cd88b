"""Runs `ocrq` commands inside the test's process, on the test's database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from cli.app import App
from cli.main import cli

Ocrq = Callable[..., Result]


def make_ocrq(home: Path, **env: str) -> Ocrq:
    """A function that takes a command line and gives click's result.

    Args:
        home: OCRQ_HOME.
        env: more environment variables.
    """
    variables = {"OCRQ_HOME": str(home), **env}

    def ocrq(*args: str) -> Result:
        return CliRunner().invoke(cli, list(args), obj=App(env=variables))

    return ocrq
