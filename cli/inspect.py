"""`ocrq inspect`: read one page, say what was measured, draw every stage."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.app import App, pass_app
from cli.display import print_json, show_number, show_path, show_text
from cli.output_places import make_folder
from cli.settings_database import open_database
from ocrq.config import Settings
from ocrq.errors import StoreError, UsageError
from ocrq.quality_gate import QualityGate, sentences
from ocrq.types import PageOptions, PageResult

if TYPE_CHECKING:
    from pipeline.image import PageImage
    from pipeline.stages import Stages

#: Longer side of the pictures: letters of an A4 page can still be told apart.
_LONGEST_PX = 2000


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Which page is to be read, and how."""

    path: str  # surrogate escapes for bytes that are no text
    number: int  # from 1
    options: PageOptions


@click.command("inspect")
@click.argument("page", metavar="PAGE")
@click.option("--page", "number", type=click.IntRange(1), help="Page of the file.  [default: 1]")
@click.option("--stages", is_flag=True, help="Draw what the page looked like on its way.")
@click.option(
    "--output",
    "-o",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of the pictures.  [default: PAGE-stages here]",
)
@click.option(
    "--size",
    type=click.IntRange(100, 20_000),
    default=_LONGEST_PX,
    show_default=True,
    help="Longer side of the pictures, pixels.",
)
@click.option("--engine", help="Reads the page.  [default: auto, or that of the batch]")
@click.option("--clean/--no-clean", default=None, help="Even out the background.")
@click.option("--rules/--no-rules", "remove_rules", default=None, help="Take printed lines out.")
@click.option("--rectify/--no-rectify", default=None, help="See a photographed sheet from above.")
@click.option("--orient/--no-orient", default=None, help="Turn a sideways page upright.")
@click.option("--deskew/--no-deskew", default=None, help="Straighten a crooked page.")
@click.option("--json", "as_json", is_flag=True, help="Print what was measured as JSON.")
@pass_app
def command(
    app: App,
    /,
    page: str,
    number: int | None,
    stages: bool,
    output: Path | None,
    size: int,
    as_json: bool,
    **changes: Any,
) -> None:
    """Read one page here and now, and show how; nothing is stored.

    PAGE is a file, or the id of a page in the database, which is read as its batch asks. With
    --stages each stage of the work becomes a picture: the scan, cleaned, its ink, straightened,
    the regions, the lines, the characters coloured by confidence.

    \b
    Example:  ocrq inspect scans/letter.jpg --stages --output letter-stages
              ocrq inspect 1234 --stages
    """
    asked = _find(app.settings, page, number)
    given = {name: value for name, value in changes.items() if value is not None}
    asked = dataclasses.replace(asked, options=dataclasses.replace(asked.options, **given))
    if output is not None and not stages:
        raise UsageError("--output is the folder of --stages; add --stages")
    folder = (output or Path(f"{Path(page).stem}-stages")) if stages else None
    make_folder(folder, "--output")
    image, result, seen = _read(app.settings, asked)
    written = [] if folder is None else _draw(image, seen, result, folder, size)
    if as_json:
        print_json(_measured(asked, result, written))
        return
    click.echo(_details(asked, result))
    for path in written:
        click.echo(f"picture     {show_path(str(path))}")


def _find(settings: Settings, page: str, number: int | None) -> _Asked:
    if Path(page).is_file():
        return _Asked(path=page, number=number or 1, options=PageOptions())
    if Path(page).is_dir():
        raise UsageError(f"{show_path(page)}: it is a folder; name one file, or a page id")
    if Path(page).exists():
        raise UsageError(
            f"{show_path(page)}: it is no ordinary file (a pipe or a device);"
            " save what it gives as a file"
        )
    if not page.isdecimal():
        raise UsageError(f"{page}: there is no such file, and it is no page id")
    if number is not None:
        raise UsageError("--page chooses a page of a file; a page id is one page already")
    from store.page_report import report_page
    from worker.scan_file import PathMap

    with open_database(settings) as db:
        found = report_page(db, int(page))
    path = PathMap.parse(settings.path_map).apply(found.path)
    return _Asked(
        path=path.decode("utf-8", "surrogateescape"),
        number=found.number,
        options=PageOptions.from_values(found.options),
    )


def _read(settings: Settings, asked: _Asked) -> tuple[PageImage, PageResult, Stages]:
    from pipeline.engines.registry import load_engine
    from pipeline.limits import Limits
    from pipeline.load import load_page
    from pipeline.run import process_page
    from pipeline.stages import Stages

    engine = load_engine(asked.options.engine)
    limits = Limits.from_settings(settings)
    try:
        image = load_page(asked.path, asked.number - 1, limits, asked.options.dpi)
    except OSError as exc:
        raise UsageError(f"{show_path(asked.path)}: cannot be opened: {exc.strerror}") from exc
    stages = Stages()
    gate = QualityGate.from_settings(settings)
    return image, process_page(image, asked.options, engine, gate, stages), stages


def _draw(
    image: PageImage, stages: Stages, result: PageResult, folder: Path, longest_px: int
) -> list[Path]:
    import cv2

    from pipeline.stage_pictures import draw_stages, reduced

    written = []
    for number, (name, picture) in enumerate(draw_stages(image.gray, stages, result), 1):
        path = folder / f"{number}-{name}.png"
        _, data = cv2.imencode(".png", reduced(picture, longest_px))
        try:
            path.write_bytes(data.tobytes())
        except OSError as exc:
            raise StoreError(f"{show_path(str(path))}: cannot be written: {exc.strerror}") from exc
        written.append(path)
    return written


def _measured(asked: _Asked, result: PageResult, written: list[Path]) -> dict[str, Any]:
    """The object that `--json` prints; docs/cli.md lists its keys."""
    return {
        "path": asked.path,
        "number": asked.number,
        "options": json.loads(asked.options.to_json()),
        "engine": dataclasses.asdict(result.engine),
        "width_px": result.width_px,
        "height_px": result.height_px,
        "dpi": result.dpi,
        "dpi_is_estimated": result.dpi_is_estimated,
        "rotation_deg": result.rotation_deg,
        "skew_deg": result.skew_deg,
        "quality": dataclasses.asdict(result.quality),
        "regions": len(result.regions),
        "lines": len(result.lines),
        "characters": sum(len(line.chars) for line in result.lines),
        "confidence": result.confidence,
        "elapsed_s": dict(result.elapsed_s),
        "pictures": [str(path) for path in written],
    }


def _details(asked: _Asked, result: PageResult) -> str:
    quality = result.quality
    dpi = f"{result.dpi} dpi{' (a guess)' if result.dpi_is_estimated else ''}"
    x_height = "no lines" if quality.x_height_px is None else f"{quality.x_height_px:.1f} px"
    times = ", ".join(f"{name} {1000 * s:.0f}" for name, s in result.elapsed_s.items())
    rows = [
        ("page", f"{asked.number} of {show_path(asked.path)}"),
        ("size", f"{result.width_px} x {result.height_px} px, {dpi}"),
        ("turned", f"{result.rotation_deg} degrees, slope {result.skew_deg:.2f} degrees"),
        (
            "scan",
            f"sharpness {quality.sharpness:.2f}, contrast {quality.contrast:.2f}, "
            f"noise {quality.noise or 0:.3f}, ink {quality.ink:.3f}, x-height {x_height}",
        ),
        ("flags", "; ".join(sentences(quality)) or "none"),
        (
            "read",
            f"{len(result.regions)} regions, {len(result.lines)} lines, "
            f"{sum(len(line.chars) for line in result.lines):,} characters, mean confidence "
            f"{show_number(result.confidence, 3)} by "
            f"{show_text(f'{result.engine.name} {result.engine.version}')}",
        ),
        ("time, ms", times),
    ]
    return "\n".join(f"{label:<12}{value}" for label, value in rows)
