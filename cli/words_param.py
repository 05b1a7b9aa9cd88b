"""The value of --words: a list that ships, none, or a file."""

from __future__ import annotations

from pathlib import Path

import click

#: Lists that ship (`pipeline.word_list.SHIPPED`), and none; to ask there takes as long as a submit.
_NAMES = ("english", "none")


class WordsParam(click.ParamType[str]):
    """`english`, `none`, or a readable list of words, whose path is made absolute."""

    name = "words"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """A file that is no word list fails here, not on every page."""
        if value in _NAMES:
            return value
        path = Path(value)
        if not path.is_file():
            self.fail(f"{value!r} is neither {' nor '.join(_NAMES)} nor a file", param, ctx)
        from pipeline.word_list import load_word_list

        load_word_list(str(path.resolve()))
        return str(path.resolve())
