"""Who may import whom: the contracts of pyproject.toml hold, and no package escapes them."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def _pyproject() -> dict[str, Any]:
    tables: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    tool: dict[str, Any] = tables["tool"]
    return tool


def test_import_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_is_shipped_typed_and_under_the_contracts() -> None:
    tool = _pyproject()
    shipped = set(tool["hatch"]["build"]["targets"]["wheel"]["packages"])
    packages = {p.parent.name for p in ROOT.glob("*/__init__.py")}
    assert packages <= shipped
    assert all((ROOT / name).is_dir() for name in shipped)
    code = packages - {"models"}  # trained weights only
    assert code <= set(tool["mypy"]["packages"])
    # Alembic runs the migrations; nobody imports them.
    assert code - {"migrations"} <= set(tool["importlinter"]["root_packages"])
    layers = tool["importlinter"]["contracts"][0]["layers"]
    layered = {name.strip() for layer in layers for name in layer.split("|")}
    assert set(tool["importlinter"]["root_packages"]) == layered


def test_every_folder_of_a_package_is_a_package() -> None:
    # import-linter does not look into folders without __init__.py.
    tops = _pyproject()["importlinter"]["root_packages"]
    folders = {file.parent for top in tops for file in (ROOT / top).rglob("*.py")}
    assert not [folder for folder in folders if not (folder / "__init__.py").is_file()]
