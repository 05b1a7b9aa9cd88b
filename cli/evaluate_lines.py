"""`ocrq evaluate lines`: crops of text lines against their labels."""

from __future__ import annotations

from pathlib import Path

import click

from cli.app import App, pass_app
from cli.display import format_table, print_json, show_path
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
from cli.progress import ProgressDisplay
from ocrq.types import PageOptions


@click.command("lines")
@click.argument("data", metavar="DATA", type=click.Path(exists=True, path_type=Path))
@set_options
@click.option(
    "--parity", is_flag=True, help="Compare the shipped file with the float network instead."
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
    parity: bool,
) -> None:
    """Read line crops and score text, confidences and speed.

    DATA is a folder or a zip file with labels.tsv (file, tab, text), a folder with img/ and
    box/NAME.csv (four corners, text), or an npz of `python -m training.lines`. Lines of one
    document (FILE without its last _NUMBER) are resampled together.

    \b
    Example:  ocrq evaluate lines receipts.zip --upper --unseen unseen.txt
              ocrq evaluate lines typed.zip --parity
    """
    del app
    if parity and (against or upper or unseen or disagreements or adjudicated or output):
        raise click.UsageError("--parity goes with --engine, --limit, --only and --without alone")
    check_output(output, disagreements)
    one_thread()
    from pipeline.engines.registry import load_engine
    from training.evaluation import adjudicate
    from training.evaluation.datasets import choose, find_lines, load_npz_lines, unpacked
    from training.evaluation.evaluate import Asked, check_asked, evaluate
    from training.evaluation.run_engines import read_lines

    asked = Asked(
        ignore_case=upper, unseen=names_in(unseen), adjudicated=adjudicated, against=against
    )
    if data.suffix.lower() == ".npz":
        lines, left = load_npz_lines(data)
    else:
        with unpacked(data) as folder:
            lines, left = find_lines(folder)
    chosen = names_in(only)
    tell_unmatched(lines, {"--only": chosen, "--without": without, "--unseen": asked.unseen})
    lines = choose(lines, only=chosen, without=without, limit=limit)
    if not lines:
        raise click.UsageError("no line is left of this set; look at --only and --without")
    check_asked(lines, asked)
    style = "json" if as_json else style
    options = PageOptions(engine=engine)
    with ProgressDisplay("reading") as display:
        if parity:
            from training.evaluation.parity import check_parity

            found_parity = check_parity(
                engine, lines, lambda done, total: display.show(done, total, "lines")
            )
        else:
            other_texts = None
            if against and is_folder_of_texts(against):
                other_texts = texts_in(Path(against))
            engines = {engine: load_engine(engine)}
            if against and other_texts is None:
                engines[against] = load_engine(against)
            found = read_lines(
                lines, engines, options, lambda done, total: display.show(done, total, "lines")
            )
    if parity:
        if style == "json":
            print_json(found_parity)
        else:
            rows = zip(found_parity.header, found_parity.row(data.name), strict=True)
            (_, name), *figures = rows
            click.echo(format_table(("", name), figures))
            click.echo(found_parity.verdict)
        return
    readings = found[engine]
    evaluation, judged = evaluate(
        data.name,
        lines,
        readings,
        engines[engine].info,
        asked,
        left_out=left,
        other=other_texts if other_texts is not None else found.get(against or ""),
    )
    if disagreements is not None:
        adjudicate.write_rows(disagreements, adjudicate.disagreement_rows(judged))
        click.echo(f"to judge  {show_path(str(disagreements))}", err=True)
    show(evaluation, readings, style=style, output=output)
