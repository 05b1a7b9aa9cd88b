"""Count the language model of the line recogniser.

python -m training.language texts --output TEXTS
python -m training.language translations --output TRANSLATIONS
python -m training.language count --text 'TEXTS/*.txt=1' --labels runs/lines/train_typed.npz=4
    --output language.npz
python -m training.language letters French=TEXTS/dasher_training_french_FR.txt ...
    --output pipeline/language/letters.json
python -m training.language sample 'TEXTS/dasher*.txt=600' --output PROSE
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Iterable
from pathlib import Path

import click

from pipeline.language.model import EDGE, Alphabet, letter_classes, save_language
from pipeline.vocabulary import CHARACTERS, spell
from training.language.corpus import as_lines, number_lines, pieces, word_lines
from training.language.count import LEAST_COUNTS, fit_ngrams
from training.language.debian_texts import texts_of
from training.language.letters import letter_shares
from training.language.translations import translations_of
from training.lines.accents import ALPHABETS
from training.lines.synthesise import load_texts

logger = logging.getLogger(__name__)

_NUMBERS = 60_000


def _weighed(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, float]]:
    try:
        return [(v.rpartition("=")[0], float(v.rpartition("=")[2])) for v in values]
    except ValueError:
        raise click.BadParameter("give PATH=WEIGHT, as in 'texts/*.txt=1'") from None


def _files(pattern: str) -> list[Path]:
    path = Path(pattern)
    return sorted(path.parent.glob(path.name))


def _write(folder: Path, texts: Iterable[tuple[str, str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts:
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
        logger.info("%s: %d characters", name, len(text))


@click.group()
def main() -> None:
    """Count what texts are likely to say."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")


@main.command()
@click.option("--root", type=click.Path(path_type=Path), default="/", show_default=True)
@click.option("--output", required=True, type=click.Path(path_type=Path), help="folder")
def texts(root: Path, output: Path) -> None:
    """Write the running text of Debian packages (debian-packages.txt) into a folder."""
    _write(output, texts_of(root))


@main.command()
@click.option("--root", type=click.Path(path_type=Path), default="/", show_default=True)
@click.option("--output", required=True, type=click.Path(path_type=Path), help="folder")
def translations(root: Path, output: Path) -> None:
    """Write what installed programs say in each language into a folder."""
    _write(output, translations_of(root))


@main.command()
@click.option("--text", multiple=True, callback=_weighed, metavar="GLOB=WEIGHT", help="prose")
@click.option("--lines", multiple=True, callback=_weighed, metavar="GLOB=WEIGHT", help="as set")
@click.option(
    "--labels", multiple=True, callback=_weighed, metavar="NPZ=WEIGHT", help="of lines to train on"
)
@click.option("--words", type=click.Path(path_type=Path), default="/usr/share/dict")
@click.option("--output", required=True, type=click.Path(path_type=Path))
def count(
    text: list[tuple[str, float]], lines: list[tuple[str, float]],
    labels: list[tuple[str, float]], words: Path, output: Path,
) -> None:  # fmt: skip
    """Count n-grams of prose, of texts in lines, of the labels of real lines, of word lists."""
    found: list[tuple[str, float]] = []
    for pattern, weight in text:
        for path in _files(pattern):
            found.append((as_lines(path.read_text("utf-8", "replace")), weight))
    for pattern, weight in lines:
        for path in _files(pattern):
            set_lines = path.read_text("utf-8", "replace").split("\n")
            found.append(("\n".join(spell(line) for line in set_lines), weight))
    found += [("\n".join(load_texts(Path(name))), weight) for name, weight in labels]
    found += word_lines(words)
    found.append((number_lines(_NUMBERS), 1.0))
    logger.info("%d characters", sum(len(t) for t, _ in found))
    alphabet = Alphabet.of(letter_classes(CHARACTERS))
    grams = fit_ngrams(
        [(alphabet.encode(f"{EDGE}{t}{EDGE}"), weight) for t, weight in found], LEAST_COUNTS
    )
    logger.info("n-grams: %s", [len(order.keys) for order in grams.orders])
    save_language(output, CHARACTERS, grams)
    logger.info("%s: %.1f MB", output, output.stat().st_size / 1e6)


@main.command()
@click.option("--output", required=True, type=click.Path(path_type=Path), help="folder")
@click.option("--seed", default=5, show_default=True)
@click.argument("texts", nargs=-1, required=True, callback=_weighed, metavar="GLOB=COUNT...")
def sample(texts: list[tuple[str, float]], seed: int, output: Path) -> None:
    """Draw COUNT pieces of running text from each file, for lines that are drawn of them."""
    output.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    for pattern, count in texts:
        for path in _files(pattern):
            drawn = pieces(rng, path.read_text("utf-8", "replace"), int(count))
            (output / path.name).write_text("\n".join(drawn) + "\n", encoding="utf-8")
            logger.info("%s: %d", path.name, len(drawn))


@main.command()
@click.option("--output", required=True, type=click.Path(path_type=Path), help=".json")
@click.argument("texts", nargs=-1, required=True, metavar="LANGUAGE=FILE...")
def letters(texts: tuple[str, ...], output: Path) -> None:
    """Count how often each language has each letter, in a hundred thousand."""
    found = {}
    for text in texts:
        language, _, name = text.partition("=")
        own = ALPHABETS.get(language, "")
        found[language] = letter_shares(Path(name).read_text("utf-8", "replace"), own)
        logger.info("%s: %s", language, "".join(found[language]))
    rows = [
        f"{json.dumps(name)}: {json.dumps(of, ensure_ascii=False)}" for name, of in found.items()
    ]
    output.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
