"""A group of commands, each in a module of its own that is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click


class LazyGroup(click.Group):
    """Lists its commands without importing them, so that one does not pay for the others.

    Args:
        modules: name of each command -> (its module, which has it as `command`; its short help).
    """

    def __init__(
        self, name: str, *, modules: Mapping[str, tuple[str, str]], help: str | None = None
    ) -> None:
        super().__init__(name, help=help)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._modules:
            return None
        command = import_module(self._modules[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._modules.items()])
