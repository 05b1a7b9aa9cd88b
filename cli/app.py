"""What every command needs: the settings of this process, read once and late."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Literal, cast

import click

from ocrq.config import Settings, load_settings
from ocrq.logs import set_up_logging


class App:
    """Reads the settings when a command first needs them, so that `--help` works without."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env

    @cached_property
    def settings(self) -> Settings:
        """The settings of this process; logging is set up with them.

        Raises:
            ConfigError: a setting cannot be used.
        """
        settings = load_settings(self.env)
        set_up_logging(settings.log_level, cast(Literal["text", "json"], settings.log_style))
        return settings


pass_app = click.make_pass_decorator(App)
