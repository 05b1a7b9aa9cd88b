"""`ocrq evaluate pages`: whole scans against the text that is on them."""

from __future__ import annotations

from pathlib import Path

import click

from cli.app import App, pass_app
from cli.display import show_path
from cli.evaluate_options import (
    check_output,
    is_folder_of_texts,
    names_in,
    one_thread,
    set_options,
    show,
    tell_unmatched,
    texts_in,
)
from cli.output_places import make_folder
from cli.progress import ProgressDisplay
from ocrq.types import PageOptions


@click.command("pages")
@click.argument("data", metavar="DATA", type=click.Path(exists=True, path_type=Path))
@set_options
@click.option(
    "--sheets",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write pictures of the disagreements, numbered as in the table.",
)
@pass_app
def command(
    app: App,
    data: Path,
    engine: str,
    against: str | None,
    upper: bool,
    limit: int | None,
    only: Path | None,
    without: tuple[str, ...],
    unseen: Path | None,
    disagreements: Path | None,
    adjudicated: Path | None,
    style: str,
    as_json: bool,
    output: Path | None,
    sheets: Path | None,
) -> None:
    """Read scans and score text, confidences and speed.

    DATA is a folder or a zip file with img/NAME.tif and truth/NAME.txt (or both in one folder).

    \b
    Example:  ocrq evaluate pages books --against resnet --output report
              ocrq evaluate pages books --limit 15 --disagreements open.tsv --sheets look
    """
    del app
    check_output(output, disagreements)
    make_folder(sheets, "--sheets")
    one_thread()
    from pipeline.engines.registry import load_engine
    from training.evaluation import adjudicate
    from training.evaluation.datasets import choose, find_pages, unpacked
    from training.evaluation.evaluate import Asked, check_asked, evaluate
    from training.evaluation.run_engines import read_pages

    asked = Asked(
        ignore_case=upper, unseen=names_in(unseen), adjudicated=adjudicated, against=against
    )
    other_texts = texts_in(Path(against)) if against and is_folder_of_texts(against) else None
    engines = {engine: load_engine(engine)}
    if against and other_texts is None:
        engines[against] = load_engine(against)
    with unpacked(data) as folder:
        pages, left = find_pages(folder)
        chosen = names_in(only)
        tell_unmatched(pages, {"--only": chosen, "--without": without, "--unseen": asked.unseen})
        pages = choose(pages, only=chosen, without=without, limit=limit)
        if not pages:
            raise click.UsageError("no page is left of this set; look at --only and --without")
        check_asked(pages, asked)
        with ProgressDisplay("reading") as display:
            found = read_pages(
                pages,
                engines,
                PageOptions(engine=engine),
                lambda done, total: display.show(done, total, "pages"),
            )
        readings = found[engine]
        other = other_texts if other_texts is not None else found.get(against or "")
        evaluation, judged = evaluate(
            data.name, pages, readings, engines[engine].info, asked, left_out=left, other=other
        )
        if disagreements is not None:
            adjudicate.write_rows(disagreements, adjudicate.disagreement_rows(judged))
            click.echo(f"to judge  {show_path(str(disagreements))}", err=True)
        if sheets is not None:
            from training.evaluation.sheets import write_sheets

            by_name = {reading.name: reading for reading in readings}
            written = write_sheets(sheets, pages, by_name, judged, ignore_case=upper)
            click.echo(f"{len(written)} sheets  {show_path(str(sheets))}", err=True)
    show(evaluation, readings, style="json" if as_json else style, output=output)
