"""`ocrq evaluate pages|lines|characters` and `ocrq benchmark`, with an engine without weights."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocrq.errors import ExitCode
from tests.cli_runner import Ocrq, make_ocrq
from tests.drawing import make_page
from tests.unit.training.character_files import write_npz
from tests.unit.training.evaluation.test_judge import reading
from training.evaluation.datasets import LineSample
from training.evaluation.parity import compare_runtimes

FAKE = "tests.engines.fake:make_engine"  # reads "abc..." whatever it is shown
EMPTY = "tests.engines.empty:make_engine"
GRAY = np.full((8, 8), 255, np.uint8)


@pytest.fixture
def ocrq(tmp_path: Path) -> Ocrq:
    return make_ocrq(tmp_path / "home")


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    for part in ("img", "truth"):
        (folder / part).mkdir(parents=True)
    for name in ("one", "two"):
        page = make_page("nnnn nnnn\nnnnnn")
        cv2.imwrite(str(folder / "img" / f"{name}.png"), page)
        (folder / "truth" / f"{name}.txt").write_text("abcdxfgh\nabcde")
    (folder / "img" / "broken.png").write_bytes(b"no picture")
    (folder / "truth" / "broken.txt").write_text("lost")
    (folder / "truth" / "stray.txt").write_text("no scan")
    return folder


def test_pages_are_read_scored_and_what_fails_is_named(
    ocrq: Ocrq, pages: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report"
    result = ocrq("evaluate", "pages", str(pages), "--engine", FAKE, "--output", str(out))
    assert result.exit_code == 0, result.output
    assert "stray (no scan)" in result.stderr
    assert "1 page could not be read: broken (" in result.stderr
    for table in ("Texts", "Confidences", "Confusions", "Most errors", "Speed"):
        assert table in result.stdout
    report = (out / "report.md").read_text()
    assert "| part | read | failed | documents |" in report
    assert "| all | 2 | 1 | 3 |" in report
    values = json.loads((out / "report.json").read_text())
    whole = values["parts"][0]
    assert whole["texts"]["missing"] == ["broken"]
    # Of both pages "x" was read as "e", and "broken" has four characters that nobody read.
    assert whole["texts"]["cer"] == pytest.approx((2 + 4) / (2 * 14 + 4))
    assert whole["confusions"][0] == {"expected": "x", "got": "e", "count": 2}
    assert whole["confidence"]["missed"] == 4
    assert (out / "texts" / "one.txt").read_text().split() == ["abcdefgh", "abcde"]
    for name in ("reliability", "review", "confusions"):
        picture = cv2.imread(str(out / f"{name}.png"))
        assert picture is not None
        assert f"({name}.png)" in (out / "report.md").read_text()


def test_texts_score_as_ocrq_evaluate_text_scores_them(
    ocrq: Ocrq, pages: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report"
    args = ("evaluate", "pages", str(pages), "--engine", FAKE, "--output", str(out), "--json")
    found = json.loads(ocrq(*args).stdout)["parts"][0]["texts"]
    texts = str(out / "texts")
    scored = ocrq("evaluate", "text", texts, "--truth", str(pages / "truth"), "--json")
    again = json.loads(scored.stdout)
    # "stray" has no scan: it is missing there and left out here.
    assert again["missing"] == ["stray"]
    assert found["substitutions"] == again["substitutions"]


def test_a_second_engine_and_a_folder_of_texts_are_compared_pair_by_pair(
    ocrq: Ocrq, pages: Path, tmp_path: Path
) -> None:
    args = ("evaluate", "pages", str(pages), "--engine", FAKE, "--without", "broken")
    result = ocrq(*args, "--against", EMPTY, "--format", "markdown")
    assert f"## Against {EMPTY}" in result.stdout
    assert "| CER | 7.14% | 100.00% | -92.86 |" in result.stdout
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "one.txt").write_text("abcdxfgh\nabcde")
    values = json.loads(ocrq(*args, "--against", str(texts), "--json").stdout)
    assert values["differences"][0]["second"] == pytest.approx(0.5)


def test_one_document_has_no_intervals_and_nothing_is_certain_of_it(
    ocrq: Ocrq, pages: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report"
    args = ("evaluate", "pages", str(pages), "--engine", FAKE, "--without", "broken")
    more = ("--limit", "1", "--against", EMPTY, "--output", str(out), "--format", "markdown")
    result = ocrq(*args, *more)
    assert result.exit_code == 0, result.output
    assert "| CER | 7.14% | 100.00% | -92.86 | - | no |" in result.stdout
    assert "nan" not in result.stdout
    values = json.loads((out / "report.json").read_text())
    texts, confidence = values["parts"][0]["texts"], values["parts"][0]["confidence"]
    assert (texts["cer_low"], texts["wer_high"]) == (None, None)
    assert (confidence["ece"]["low"], confidence["auroc"]["high"]) == (None, None)
    assert {(d["low"], d["high"]) for d in values["differences"]} == {(None, None)}


def test_disagreements_go_out_to_be_judged_and_come_back(
    ocrq: Ocrq, pages: Path, tmp_path: Path
) -> None:
    table, sheets = tmp_path / "open.tsv", tmp_path / "sheets"
    args = ("evaluate", "pages", str(pages), "--engine", FAKE, "--without", "broken")
    result = ocrq(*args, "--disagreements", str(table), "--sheets", str(sheets))
    assert result.exit_code == 0, result.output
    head, *rows = table.read_text().splitlines()
    assert [row.split("\t")[3:5] for row in rows] == [["x", "e"]] * 2
    sheet = cv2.imread(str(sheets / "sheet-001.png"))
    assert sheet is not None
    red = (sheet[..., 2] > 150) & (sheet[..., 0] < 80)
    assert red.sum() > 200  # the frames about the characters
    verdict = head.split("\t").index("verdict")
    judged = []
    for row, word in zip(rows, ("truth", "engine"), strict=True):
        cells = row.split("\t")
        cells[verdict] = word
        judged.append("\t".join(cells))
    table.write_text("\n".join([head, *judged]) + "\n")
    values = json.loads(ocrq(*args, "--adjudicated", str(table), "--json").stdout)
    raw, adjudicated = (p["texts"]["cer"] for p in values["parts"][1:])
    assert [p["part"] for p in values["parts"]] == ["all", "judged, raw", "adjudicated"]
    assert adjudicated == pytest.approx(raw / 2)


def test_some_documents_are_reported_apart(ocrq: Ocrq, pages: Path, tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("two\n")
    args = ("evaluate", "pages", str(pages), "--engine", FAKE, "--json")
    values = json.loads(ocrq(*args, "--unseen", str(tmp_path / "names.txt")).stdout)
    assert [len(p["texts"]["pages"]) for p in values["parts"]] == [3, 1]
    (tmp_path / "names.txt").write_text("none\n")
    result = ocrq(*args, "--only", str(tmp_path / "names.txt"))
    assert result.exit_code == ExitCode.USAGE
    assert "no page is left" in result.stderr
    assert ocrq(*args, "--unseen", str(tmp_path / "names.txt")).exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("option", "place"),
    [
        ("--output", "file/deep"),
        ("--output", "file"),
        ("--sheets", "file/deep"),
        ("--disagreements", "gone/open.tsv"),
        ("--disagreements", "file/open.tsv"),
    ],
)
def test_places_of_output_are_tried_before_anything_is_read(
    ocrq: Ocrq, pages: Path, tmp_path: Path, option: str, place: str
) -> None:
    (tmp_path / "file").touch()
    # An engine that isn't there: whatever came later would be about it.
    args = ("evaluate", "pages", str(pages), "--engine", "tests.engines.gone:make")
    result = ocrq(*args, option, str(tmp_path / place))
    assert result.exit_code == ExitCode.USAGE
    assert option in result.stderr
    assert place in result.stderr


def test_a_folder_that_takes_no_files_is_named(
    ocrq: Ocrq, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**asked: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("cli.output_places.tempfile.TemporaryFile", refuse)
    for option, place in (("--output", tmp_path), ("--disagreements", tmp_path / "open.tsv")):
        result = ocrq("evaluate", "pages", str(pages), option, str(place))
        assert result.exit_code == ExitCode.STORE
        assert f"{option} {place}: cannot be written" in result.stderr
        assert "Read-only" in result.stderr
    assert ocrq("evaluate", "characters", str(pages), "--output", str(tmp_path)).exit_code == 74
    hand = tmp_path / "hand.npz"
    hand.touch()
    result = ocrq("train", str(hand), "--run", str(tmp_path / "run"))
    assert result.exit_code == ExitCode.STORE
    assert "--run" in result.stderr


@pytest.mark.parametrize("option", ["--only", "--unseen", "--adjudicated"])
def test_lists_that_are_no_text_are_named_with_the_line(
    ocrq: Ocrq, pages: Path, tmp_path: Path, option: str
) -> None:
    (tmp_path / "names.bin").write_bytes(b"one\n\xff\xfe")
    args = ("evaluate", "pages", str(pages), "--engine", FAKE)
    result = ocrq(*args, option, str(tmp_path / "names.bin"))
    assert result.exit_code == ExitCode.USAGE
    assert "names.bin, line 2: not UTF-8" in result.stderr


def test_judgements_of_another_truth_are_refused_before_anything_is_read(
    ocrq: Ocrq, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.evaluation.run_engines.read_page", None)  # is not reached
    table = tmp_path / "judged.tsv"
    args = ("evaluate", "pages", str(pages), "--engine", FAKE, "--adjudicated", str(table))
    head = "document\tplace\texpected\tgot\tverdict\n"
    for row, message in (
        ("one\t0\tzzz\tabc\tengine\n", "the truth has no 'zzz' at 0"),
        ("other\t0\ta\tb\tengine\n", "none of the judged documents"),
        ("one\t0\ta\n", "line 2: the row is too short"),
    ):
        table.write_text(head + row)
        result = ocrq(*args)
        assert result.exit_code == ExitCode.USAGE
        assert message in result.stderr


def test_names_may_hold_spaces_and_what_matches_nothing_is_named(
    ocrq: Ocrq, pages: Path, tmp_path: Path
) -> None:
    for path in pages.glob("*/two.*"):
        path.rename(path.with_stem("number two"))
    names = tmp_path / "names.txt"
    names.write_bytes("\ufeffnumber two \r\n\r\nthree\r\n".encode())
    args = ("evaluate", "pages", str(pages), "--engine", FAKE, "--json", "--without", "four")
    result = ocrq(*args, "--only", str(names), "--unseen", str(names))
    assert result.exit_code == 0, result.output
    for option, name in (("--only", "three"), ("--unseen", "three"), ("--without", "four")):
        assert f"{option}: the set has no {name} (1 name without effect)" in result.stderr
    pages_read = [p["name"] for p in json.loads(result.stdout)["parts"][0]["texts"]["pages"]]
    assert pages_read == ["number two"]


def test_lines_are_read_as_crops_and_drawn_by_document(ocrq: Ocrq, tmp_path: Path) -> None:
    folder = tmp_path / "lines"
    folder.mkdir()
    rows = []
    for name, truth in (("r1_000", "ABCD"), ("r1_001", "abce"), ("r2_000", "abcd")):
        page = make_page("nnnn", size_in=(1.5, 0.4), margin_in=0.1)
        cv2.imwrite(str(folder / f"{name}.png"), page)
        rows.append(f"{name}.png\t{truth}")
    (folder / "labels.tsv").write_text("\n".join([*rows, "gone.png\tx"]))
    args = ("evaluate", "lines", str(folder), "--engine", FAKE)
    result = ocrq(*args, "--upper")
    assert "gone.png (no picture that can be read)" in result.stderr
    values = json.loads(ocrq(*args, "--upper", "--json").stdout)
    assert values["parts"][0]["texts"]["cer"] == pytest.approx(1 / 12)
    assert values["parts"][0]["texts"]["documents"] == 2
    assert json.loads(ocrq(*args, "--json").stdout)["parts"][0]["texts"]["cer"] == pytest.approx(
        5 / 12
    )


def test_parity_is_told_in_figures_and_a_sentence() -> None:
    samples = [LineSample(name=n, group=n, gray=GRAY, truth="abc") for n in ("1", "2")]
    same = [reading("abc", name=n) for n in ("1", "2")]
    found = compare_runtimes(samples, same, same)
    assert found.is_good
    assert found.verdict.startswith("within the bounds")
    other = [reading("abc", name="1", doubt="a"), reading("abd", name="2")]
    found = compare_runtimes(samples, same, other)
    assert found.same == 0.5
    assert found.points == pytest.approx(-100 / 6)
    assert found.confidence_95 == pytest.approx(0.45)
    assert found.verdict.startswith("NOT within")
    assert len(found.row("x")) == len(found.header)


def test_parity_goes_with_no_other_figures(ocrq: Ocrq, tmp_path: Path) -> None:
    result = ocrq("evaluate", "lines", str(tmp_path), "--parity", "--upper")
    assert result.exit_code == ExitCode.USAGE


def test_characters_come_from_a_folder_too(ocrq: Ocrq, tmp_path: Path) -> None:
    folder = tmp_path / "glyphs"
    folder.mkdir()
    rows = []
    for number, char in enumerate("0123456789A"):
        page = make_page(char, size_in=(0.5, 0.5), margin_in=0.15)
        ys, xs = np.nonzero(page < 128)
        glyph = page[ys.min() - 2 : ys.max() + 3, xs.min() - 2 : xs.max() + 3]
        cv2.imwrite(str(folder / f"{number}.png"), glyph)
        rows.append(f"{number}.png\t{char}")
    (folder / "labels.tsv").write_text("\n".join([*rows, "0.png\tword"]))
    args = ("evaluate", "characters", str(folder), "--classes", "digits", "--classes", "alnum")
    result = ocrq(*args, "--output", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert "not one printable ASCII character" in result.stderr
    values = json.loads((tmp_path / "out" / "report.json").read_text())
    digits, alnum = values["sets"]
    assert (digits["score"]["count"], alnum["score"]["count"]) == (10, 11)
    assert digits["score"]["accuracy"] >= 0.8
    assert "reliability.png" in (tmp_path / "out" / "report.md").read_text()


def test_a_model_of_lines_is_refused_by_name(ocrq: Ocrq, tmp_path: Path) -> None:
    path = write_npz(tmp_path / "hand.npz", "12")
    result = ocrq("evaluate", "characters", str(path), "--model", "crnn")
    assert result.exit_code == ExitCode.USAGE
    assert "'crnn' is no model of single characters" in result.stderr


def stand_in(path: Path, text: str) -> Path:
    """A program that answers as tesseract does, and keeps a core busy for a moment."""
    path.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = --version ]; then echo "tesseract stand-in"; exit 0; fi\n'
        'case "$1" in *broken*) exit 1;; esac\n'
        'if [ "$4" = xxx ]; then\n'
        '  printf "long ago\\nFailed loading xxx\\nNo languages!\\nNot begun.\\n" >&2; exit 1\n'
        "fi\n"
        "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done\n"
        f"printf '{text}'; echo $OMP_THREAD_LIMIT >> {path}.threads\n"
    )
    path.chmod(0o755)
    return path


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for tesseract")
def test_pages_are_timed_beside_tesseract(ocrq: Ocrq, pages: Path, tmp_path: Path) -> None:
    program = stand_in(tmp_path / "tess", r"abcdxfgh\nabcde")
    args = ("benchmark", str(pages), "--engine", FAKE, "--tesseract", str(program))
    result = ocrq(*args)
    assert result.exit_code == 0, result.output
    assert "tesseract stand-in" in result.stdout
    assert "ratio" in result.stdout
    assert "left out: broken" in result.stderr
    values = json.loads(ocrq(*args, "--json").stdout)
    assert [p["name"] for p in values["pages"]] == ["one", "two"]
    assert all(p["other_s"] > 0 and p["core_s"] >= p["store_s"] > 0 for p in values["pages"])
    assert values["ratio_low"] <= values["ratio"] <= values["ratio_high"]
    assert values["differences"][0]["second"] == 0
    assert set(Path(f"{program}.threads").read_text().split()) == {"1"}


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for tesseract")
def test_one_page_has_a_ratio_without_an_interval(ocrq: Ocrq, pages: Path, tmp_path: Path) -> None:
    for path in (*pages.glob("*/broken.*"), *pages.glob("*/two.*")):
        path.unlink()
    program = stand_in(tmp_path / "tess", r"abcdxfgh\nabcde")
    args = ("benchmark", str(pages), "--engine", FAKE, "--tesseract", str(program))
    assert "(one page: no interval)" in ocrq(*args).stdout
    values = json.loads(ocrq(*args, "--json").stdout)
    assert (values["ratio_low"], values["ratio_high"]) == (None, None)
    assert values["ratio"] > 0


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for tesseract")
def test_what_tesseract_says_is_passed_on_once(ocrq: Ocrq, pages: Path, tmp_path: Path) -> None:
    program = stand_in(tmp_path / "tess", "x")
    args = ("benchmark", str(pages / "img"), "--engine", FAKE, "--tesseract", str(program))
    (pages / "img" / "broken.png").unlink()
    result = ocrq(*args, "--language", "xxx")
    assert result.exit_code == ExitCode.USAGE
    said = "could not read it: Failed loading xxx / No languages! / Not begun."
    assert result.stderr.count(said) == 1
    assert "long ago" not in result.stderr


def test_without_tesseract_only_ocrq_is_timed(
    ocrq: Ocrq, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    result = ocrq("benchmark", str(pages / "img"), "--engine", FAKE)
    assert result.exit_code == 0, result.output
    assert "no tesseract here" in result.stderr
    assert "2 pages, fake 1:" in result.stdout
    result = ocrq("benchmark", str(pages), "--tesseract", "gone")
    assert result.exit_code == ExitCode.USAGE


def test_layout_goes_on_after_a_scan_that_cannot_be_read(ocrq: Ocrq, tmp_path: Path) -> None:
    folder = tmp_path / "layout"
    for part in ("img", "truth"):
        (folder / part).mkdir(parents=True)
    (folder / "img" / "a-broken.tif").write_bytes(b"II*\x00 and then nothing")
    cv2.imwrite(str(folder / "img" / "b.png"), make_page("one line"))
    for name in ("a-broken", "b"):
        (folder / "truth" / f"{name}.txt").write_text("one line")
    result = ocrq("evaluate", "layout", str(folder), "--engine", FAKE, "--json")
    assert result.exit_code == ExitCode.DONE, result.output
    assert "could not be read: a-broken (" in result.stderr
    (score,) = json.loads(result.stdout).values()
    assert (score["pages"], score["lines"]) == (2, 2)
    assert [page["page"] for page in score["unreadable"]] == ["a-broken"]
    assert score["unread"][0] == {"page": "a-broken", "line": "one line"}
