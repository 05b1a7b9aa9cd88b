"""docker-compose.yml as Docker Compose reads it: YAML, merge keys and ${VARIABLE} filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<rule>:[-?])(?P<text>[^}]*))?\}")


class MissingVariable(Exception):
    """`${NAME:?message}` without a value for NAME."""


def read_compose(path: Path, env: Mapping[str, str]) -> dict[str, Any]:
    """The compose file with the variables of `env`.

    Raises:
        MissingVariable: a variable that has no default is empty.
    """
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    filled: dict[str, Any] = _fill(document, env)
    return filled


def _fill(node: Any, env: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _fill(value, env) for key, value in node.items()}
    if isinstance(node, list):
        return [_fill(value, env) for value in node]
    return _VARIABLE.sub(lambda m: _value(m, env), node) if isinstance(node, str) else node


def _value(match: re.Match[str], env: Mapping[str, str]) -> str:
    value = env.get(match["name"], "")
    if value or match["rule"] is None:
        return value
    if match["rule"] == ":?":
        raise MissingVariable(match["text"])
    return match["text"]
