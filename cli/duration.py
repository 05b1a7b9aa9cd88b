"""An option that takes a length of time, such as `6h`."""

from __future__ import annotations

import re

import click

_UNITS_S = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d|w)")
_UNCLEAR = re.compile(r"(\d+(?:\.\d+)?)\s*m")
#: For the help of options: the units that there are.
UNITS = "s, min, h, d or w"


class Duration(click.ParamType[float]):
    """A number with its unit; the command receives seconds."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read what was given.

        >>> Duration().convert("6h", None, None), Duration().convert("90 min", None, None)
        (21600.0, 5400.0)
        """
        if isinstance(value, int | float):
            return float(value)
        text = str(value).strip()
        unclear = _UNCLEAR.fullmatch(text)
        if unclear is not None:  # six months, taken for six minutes, would delete nearly everything
            self.fail(
                f"{value!r} could be minutes or months: {unclear[1]}min for minutes, or give days"
                " such as 30d",
                param,
                ctx,
            )
        found = _DURATION.fullmatch(text)
        if found is None:
            self.fail(
                f"{value!r} is not a length of time such as 90min, 6h or 2d (units: {UNITS})",
                param,
                ctx,
            )
        return float(found[1]) * _UNITS_S[found[2]]
