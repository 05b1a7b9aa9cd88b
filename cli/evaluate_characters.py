"""`ocrq evaluate characters`: single characters against their labels."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cli.app import App, pass_app
from cli.display import as_json as plain
from cli.display import show_path, show_text
from cli.evaluate_options import one_thread, print_tables
from cli.output_places import make_folder


@click.command("characters")
@click.argument(
    "data",
    nargs=-1,
    required=True,
    metavar="DATA...",
    type=click.Path(exists=True, path_type=Path),
)
@click.option("--model", default="resnet", show_default=True, help="Which model.")
@click.option(
    "--classes",
    multiple=True,
    default=("alnum",),
    show_default=True,
    metavar="NAME",
    help="Restrict the answers to digits, upper, upper36, alnum or ascii; may be repeated.",
)
@click.option("--limit", type=click.IntRange(1), help="Only so many, spread evenly.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="What is printed.",
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write report.md, report.json and plots (PNG).",
)
@pass_app
def command(
    app: App,
    data: tuple[Path, ...],
    model: str,
    classes: tuple[str, ...],
    limit: int | None,
    style: str,
    as_json: bool,
    output: Path | None,
) -> None:
    """Score a model on files of labelled characters.

    DATA is as for `ocrq train`, or a folder or zip file of dark-on-light pictures with labels.tsv
    (file, tab, character). "Twins merged" takes twins that no picture tells apart (O and 0) for
    one. Figures on files that the model was trained on are too good; the report of a training run
    has those of characters that it never saw.

    \b
    Example:  ocrq evaluate characters handprint.npz --classes digits --classes alnum
    """
    del app
    make_folder(output, "--output")
    one_thread()
    from training.evaluation.characters import evaluate_characters

    found = evaluate_characters(data, model=model, class_sets=classes, limit=limit)
    title = f"{found.model.name} {found.model.version} on {', '.join(found.files)}"
    values = json.dumps(plain(found), indent=2)
    if output is not None:
        from training.evaluation.plots import draw_confusions, draw_reliability, draw_review

        last = found.sets[-1]
        draw_reliability(last.confidence, output / "reliability.png", title)
        draw_review(last.confidence, output / "review.png", title)
        pictures = ["reliability", "review"]
        if last.confusions:
            draw_confusions(last.confusions, output / "confusions.png", title)
            pictures.append("confusions")
        report = [f"# {title}", "", "\n\n".join(t.markdown() for t in found.tables()), ""]
        report += [f"![{name}]({name}.png)" for name in pictures]
        (output / "report.md").write_text("\n".join(report) + "\n", encoding="utf-8")
        (output / "report.json").write_text(values + "\n", encoding="utf-8")
        click.echo(f"report  {show_path(str(output / 'report.md'))}", err=True)
    if style == "json" or as_json:
        click.echo(values)
        return
    for left in found.left_out:
        click.echo(f"left out: {show_text(left.name)}: {show_text(left.why)}", err=True)
    print_tables(title, found.tables(), is_markdown=style == "markdown")
    click.echo(f"\n{found.per_second:,.0f} characters a processor second")
