"""What `ocrq doctor` asks about programs: Python packages, weights, PDF rendering."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess

from cli.finding import Finding, failed, note, ok
from ocrq.config import Settings
from ocrq.errors import ExitCode, ModelError

_NAME = re.compile(r"[A-Za-z0-9._-]+")

#: Packages that only some work needs: note instead of failure, and what else serves.
_OPTIONAL = {"tensorflow": ("training and GPU workers", ("tensorflow-cpu",))}


def check_packages(_settings: Settings) -> Finding:
    """Every Python package that ocrq's own metadata requires is installed."""
    try:
        required = importlib.metadata.requires("ocrq") or []
    except importlib.metadata.PackageNotFoundError:
        return note("packages", "ocrq runs from its source, without an installation", "make setup")
    names = [m[0] for line in required if "extra ==" not in line and (m := _NAME.match(line))]
    missing = [name for name in names if not is_installed(name)]
    needed = [name for name in missing if name not in _OPTIONAL]
    if needed:
        return failed(
            "packages",
            f"missing: {', '.join(needed)}",
            "install ocrq again, or only these: pip install " + " ".join(needed),
            ExitCode.INTERNAL,
        )
    if missing:
        uses = ", ".join(f"{name} (for {_OPTIONAL[name][0]})" for name in missing)
        return note("packages", f"missing: {uses}", "pip install " + " ".join(missing))
    return ok("packages", f"all {len(names)} are installed")


def is_installed(name: str) -> bool:
    """Whether a distribution, or one that serves as well, is installed; nothing is imported."""
    _, others = _OPTIONAL.get(name, ("", ()))
    for candidate in (name, *others):
        try:
            importlib.metadata.version(candidate)
        except importlib.metadata.PackageNotFoundError:
            continue
        return True
    return False


def check_poppler(_settings: Settings) -> Finding:
    """PDF pages can be rendered."""
    from pipeline.scans.poppler import find_poppler

    poppler = find_poppler()
    if poppler is not None:
        asked = subprocess.run(
            [poppler.pdftoppm, "-v"], capture_output=True, text=True, check=False
        )
        first = (asked.stderr or asked.stdout).splitlines()[:1]
        return ok("PDF", first[0] if first else poppler.pdftoppm)
    cure = "sudo apt install poppler-utils (or: dnf install poppler-utils, brew install poppler)"
    if is_installed("pypdfium2"):
        return note("PDF", "poppler is not installed; pypdfium2 renders instead", cure)
    return failed("PDF", "neither poppler nor pypdfium2 is installed", cure, ExitCode.MODEL)


def check_weights(_settings: Settings) -> Finding:
    """The trained weights are there and are the ones that were shipped."""
    from pipeline.weights import list_models, verify

    try:
        models = list_models()
        for model in models:
            verify(model)
    except ModelError as exc:
        return failed("weights", str(exc), "install ocrq again", exc.exit_code)
    if not models:
        return failed("weights", "no model is installed", "install ocrq again", ExitCode.MODEL)
    names = ", ".join(f"{model.name} {model.version}" for model in models)
    return ok("weights", f"{names}: checksums agree")
