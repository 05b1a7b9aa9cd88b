"""`ocrq models`: which trained models are here, and whether they are what was shipped."""

from __future__ import annotations

from typing import Any

import click

from cli.app import App, pass_app
from cli.display import format_table, print_json, show_number
from ocrq.errors import ExitCode, ModelError
from pipeline.weights import ModelFiles, find_model, list_models, verify


@click.group("models")
def command() -> None:
    """List or verify the trained models."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@pass_app
def list_(_app: App, as_json: bool) -> None:
    """List every version of every model that ships with this installation.

    The newest version of a model is the one that reads; older ones are kept so that what they read
    can be traced. The cards beside them say what they were trained on and how good they are.

    \b
    Example:  ocrq models list
    """
    found = list_models()
    if as_json:
        print_json([_model_json(model) for model in found])
        return
    if not found:
        raise ModelError("no model is installed; install ocrq again")
    header = ("model", "version", "characters", "weights", "MB", "folder")
    click.echo(format_table(header, [_row(model) for model in found]))


@command.command("verify")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@pass_app
def verify_(_app: App, name: str | None, as_json: bool) -> int:
    """Compare the models' files with the checksums on their cards.

    Without NAME all of them. Exit code 69 when a file is missing or differs.

    \b
    Example:  ocrq models verify
    """
    found = [find_model(name)] if name else list_models()
    answers = [(model, _fault(model)) for model in found]
    if as_json:
        print_json(
            [{"model": m.name, "version": m.version, "fault": fault} for m, fault in answers]
        )
    else:
        for model, fault in answers:
            click.echo(f"{'FAILED' if fault else 'ok    '}  {model.name} {model.version}")
            if fault:
                click.echo(f"        {fault}")
    if not found:
        raise ModelError("no model is installed; install ocrq again")
    return ExitCode.MODEL if any(fault for _, fault in answers) else ExitCode.DONE


def _fault(model: ModelFiles) -> str | None:
    try:
        verify(model)
    except ModelError as exc:
        return str(exc)
    return None


def _size_bytes(model: ModelFiles) -> int:
    paths = [model.folder / name for name in model.card["files"]]
    return sum(path.stat().st_size for path in paths if path.exists())


def _model_json(model: ModelFiles) -> dict[str, Any]:
    return {
        "model": model.name,
        "version": model.version,
        "classes": model.classes,
        "weights_sha256": model.weights_sha256,
        "size_bytes": _size_bytes(model),
        "folder": str(model.folder),
    }


def _row(model: ModelFiles) -> tuple[str, ...]:
    return (
        model.name,
        model.version,
        show_number(len(model.classes)),
        model.weights_sha256[:12],
        show_number(_size_bytes(model) / 1e6, 1),
        str(model.folder),
    )
