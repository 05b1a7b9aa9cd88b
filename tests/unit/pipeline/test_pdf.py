from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocrq.errors import PageError
from pipeline import load
from pipeline.limits import Limits
from pipeline.load import load_page
from pipeline.scans.page_child import Ended
from pipeline.scans.pdf import RenderedPage, run_renderer
from pipeline.scans.pdf_dpi import PlacedImage, render_dpi
from pipeline.scans.poppler import find_poppler
from tests.bad_files import encrypted_pdf, pdf
from tests.drawing import make_page

LIMITS = Limits()
SQUARE = b"20 10 40 30 re f"  # points, from the lower left corner


@pytest.fixture(params=["poppler", "pdfium"])
def renderer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "pdfium":
        monkeypatch.setattr(load, "find_poppler", lambda: None)
    elif find_poppler() is None:
        assert "CI" not in os.environ
        pytest.skip("poppler-utils is not installed")
    return str(request.param)


@pytest.mark.usefixtures("renderer")
class TestBothRenderers:
    def test_a_drawn_page(self, tmp_path: Path) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(pdf([b"", SQUARE], size_pt=(144, 72)))
        blank = load_page(os.fspath(path), 0, LIMITS)
        assert blank.gray.min() == 255
        page = load_page(os.fspath(path), 1, LIMITS)
        assert page.gray.shape == (300, 600)
        assert (page.dpi, page.dpi_is_estimated) == (300, False)
        scale = 300 / 72
        ys, xs = np.nonzero(page.gray < 128)
        assert (xs.min() / scale, xs.max() / scale) == pytest.approx((20, 60), abs=0.5)
        assert (ys.min() / scale, ys.max() / scale) == pytest.approx((72 - 40, 72 - 10), abs=0.5)

    def test_a_turned_page(self, tmp_path: Path) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(pdf([SQUARE], size_pt=(144, 72), rotate_deg=90))
        page = load_page(os.fspath(path), 0, Limits(pdf_dpi=72))
        assert page.gray.shape == (144, 72)
        ys, xs = np.nonzero(page.gray < 128)
        # The lower left corner goes to the upper left.
        assert (xs.min(), ys.min()) == pytest.approx((10, 20), abs=1)

    def test_dpi_of_the_user(self, tmp_path: Path) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(pdf([SQUARE], size_pt=(144, 72)))
        page = load_page(os.fspath(path), 0, LIMITS, dpi=100)
        assert (page.gray.shape, page.dpi, page.dpi_is_estimated) == ((100, 200), 100, False)

    def test_a_scan_finer_than_usual_keeps_its_pixels(self, tmp_path: Path) -> None:
        scan = make_page(dpi=400, size_in=(3, 2))
        Image.fromarray(scan > 127).save(tmp_path / "a.pdf", resolution=400)
        page = load_page(os.fspath(tmp_path / "a.pdf"), 0, LIMITS)
        assert page.dpi == 400
        assert page.gray.shape == scan.shape
        assert np.mean((page.gray > 127) == (scan > 127)) > 0.995  # poppler scales by a hair

    def test_a_scan_put_in_pixel_by_point(self, tmp_path: Path) -> None:
        scan = make_page(dpi=200, size_in=(8.27, 11.69))
        Image.fromarray(scan).save(tmp_path / "a.pdf", resolution=72)
        page = load_page(os.fspath(tmp_path / "a.pdf"), 0, LIMITS)
        assert page.gray.shape == scan.shape
        assert (page.dpi, page.dpi_is_estimated) == (200, True)

    def test_a_name_that_is_not_utf_8(self, tmp_path: Path) -> None:
        path = os.fsencode(tmp_path) + b"/-caf\xe9 \xff.pdf"
        Path(os.fsdecode(path)).write_bytes(pdf([SQUARE]))
        assert load_page(path, 0, LIMITS).gray.min() == 0

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (encrypted_pdf(), "encrypted"),
            (b"%PDF-1.4\nnothing\n%%EOF\n", "unreadable"),
            (pdf([b""], size_pt=(14_400, 14_400)), "page_too_large"),
        ],
    )
    def test_errors(self, tmp_path: Path, content: bytes, code: str) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(content)
        with pytest.raises(PageError) as caught:
            load_page(os.fspath(path), 0, LIMITS)
        assert caught.value.code == code
        assert "a.pdf" in str(caught.value)

    def test_a_page_that_is_not_there(self, tmp_path: Path) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(pdf([b""]))
        with pytest.raises(PageError) as caught:
            load_page(os.fspath(path), 1, LIMITS)
        assert caught.value.code == "no_page"


def test_both_renderers_see_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if find_poppler() is None:
        pytest.skip("poppler-utils is not installed")
    path = os.fspath(tmp_path / "a.pdf")
    text = b"BT /F 24 Tf 20 40 Td (Both read this) Tj ET"
    Path(path).write_bytes(pdf([text]))
    by_poppler = load_page(path, 0, LIMITS).gray
    monkeypatch.setattr(load, "find_poppler", lambda: None)
    by_pdfium = load_page(path, 0, LIMITS).gray
    assert by_poppler.shape == by_pdfium.shape
    assert 0.9 < (by_poppler < 128).sum() / (by_pdfium < 128).sum() < 1.1


class TestRenderDpi:
    A4_PT = (595.2, 841.92)

    def strip(self, dpi: float, part: float) -> PlacedImage:
        height = round(11.69 * dpi * part)
        return PlacedImage(width_px=round(8.27 * dpi), height_px=height, x_dpi=dpi, y_dpi=dpi)

    def test_strips_are_added_up(self) -> None:
        assert render_dpi([self.strip(400, 0.1)] * 10, self.A4_PT, 300) == 400

    def test_a_logo_is_no_scan(self) -> None:
        assert render_dpi([self.strip(600, 0.1)], self.A4_PT, 300) == 300

    def test_the_text_layer_counts_and_not_the_background(self) -> None:
        layers = [self.strip(100, 1.0), self.strip(400, 1.0)]
        assert render_dpi(layers, self.A4_PT, 300) == 400

    def test_bounds(self) -> None:
        assert render_dpi([self.strip(2400, 1.0)], self.A4_PT, 300) == 600
        assert render_dpi([self.strip(100, 1.0)], self.A4_PT, 300) == 300


def run(code: str, wait_s: float = 30.0) -> tuple[int, RenderedPage | None]:
    return run_renderer([sys.executable, "-I", "-c", code], "page 1 of a.pdf", LIMITS, wait_s)


class TestRunRenderer:
    def test_the_size_is_checked_before_a_pixel_is_read(self) -> None:
        endless = "while True: os.write(1, bytes(9999))"
        with pytest.raises(PageError, match="99,999 x 99,999"):
            run(f"import os\nos.write(1, b'P5\\n99999 99999\\n255\\n')\n{endless}")

    @pytest.mark.parametrize(
        "output", [b"", b"P5\n", b"P6\n1 1\n255\nabc", b"P5\nx y\n255\n", b"P5\n4 4\n255\nabc"]
    )
    def test_a_page_that_is_not_whole_is_none(self, output: bytes) -> None:
        assert run(f"import os, sys; os.write(1, {output!r}); sys.exit(1)") == (1, None)

    def test_what_follows_the_page_is_left(self) -> None:
        _, page = run("import os; os.write(1, b'P5\\n# dpi 72.5\\n2 1\\n255\\nab' + bytes(10**6))")
        assert page is not None
        assert page.gray.tolist() == [[97, 98]]
        assert page.dpi == 72.5

    def test_one_that_hangs_is_trouble_of_the_storage(self) -> None:
        with pytest.raises(TimeoutError) as caught:
            run("import signal; signal.pause()", wait_s=0.2)
        assert caught.value.errno is not None  # what the worker knows trouble of the storage by

    def test_what_it_started_ends_with_it(self, tmp_path: Path) -> None:
        # The grandchild holds the pipe's other end: it is closed when the grandchild is gone.
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        ends = select.poll()
        ends.register(reader, select.POLLHUP)
        for wait_s in (0.5, 2.0, 8.0, 32.0):  # a busy machine takes a while to start it
            with pytest.raises(TimeoutError):
                run(f"import os; os.system('exec sleep 600 > {pipe}')", wait_s=wait_s)
            if was_there := ends.poll(2_000):  # ms; silent if it was not, or still is
                break
        assert was_there
        os.close(reader)

    def test_no_renderer_outlives_an_error(self) -> None:
        with pytest.raises(FileNotFoundError):
            run_renderer(["/nowhere/python"], "page 1 of a.pdf", LIMITS, 1.0)


@pytest.fixture
def pdftoppm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a program in place of poppler's; answers with a good PDF."""
    if find_poppler() is None:
        assert "CI" not in os.environ
        pytest.skip("poppler-utils is not installed")

    def replace(code: str) -> Path:
        program = tmp_path / "pdftoppm"
        program.write_text(f'#!/bin/sh\n[ "$1" = -v ] && exit\n{code}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        (tmp_path / "a.pdf").write_bytes(pdf([SQUARE], size_pt=(144, 72)))
        return tmp_path / "a.pdf"

    return replace


class TestPopplerThatFails:
    def test_too_slow_has_its_own_code(
        self, pdftoppm: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # A busy machine takes long to give it its second of processor time.
        monkeypatch.setattr("pipeline.scans.pdf._WAIT_FACTOR", 60.0)
        path = os.fspath(pdftoppm("while :; do :; done"))

        def code(limit_s: int) -> str | None:
            """None: it was ended, but had used too little, and pdfium drew the page.

            The limit is counted in ticks: of a second on a busy machine a tenth may not be its own.
            """
            try:
                load_page(path, 0, Limits(pdf_render_s=limit_s))
            except PageError as exc:
                return exc.code
            return None

        assert (code(1) or code(4)) == "page_too_slow"

    def test_pdf2image_gives_up_on_one_that_hangs(self, pdftoppm: Callable[[str], Path]) -> None:
        path = os.fspath(pdftoppm("exec sleep 600"))
        program = [
            sys.executable,
            "-P",
            "-m",
            "pipeline.scans.poppler_page",
            path,
            "60",
            "0",
            "72",
            "1",
        ]
        assert run_renderer(program, "page 1 of a.pdf", LIMITS, 60.0) == (Ended.TIMED_OUT, None)

    def test_one_that_hangs_is_trouble_of_the_storage(
        self, pdftoppm: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("pipeline.scans.pdf._WAIT_FACTOR", 1.0)
        with pytest.raises(TimeoutError) as caught:
            load_page(os.fspath(pdftoppm("exec sleep 600")), 0, Limits(pdf_render_s=4))
        assert caught.value.errno is not None

    @pytest.mark.parametrize(
        "code",
        ["kill -9 $$", "kill -SEGV $$", "printf 'P5\\n9 9\\n255\\nab'", "echo P5", "echo no"],
    )
    def test_pdfium_draws_what_poppler_does_not(
        self, pdftoppm: Callable[[str], Path], code: str
    ) -> None:
        page = load_page(os.fspath(pdftoppm(code)), 0, LIMITS)
        assert page.gray.shape == (300, 600)
        assert page.gray.min() == 0

    def test_one_that_cannot_be_started_just_now(
        self, pdftoppm: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path, poppler = pdftoppm("exit"), find_poppler()
        monkeypatch.setattr(load, "find_poppler", lambda: poppler)
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(OSError, match="could not be started") as caught:
            load_page(os.fspath(path), 0, LIMITS)
        assert caught.value.errno is not None

    def test_a_size_that_was_not_announced_is_refused(
        self, pdftoppm: Callable[[str], Path]
    ) -> None:
        path = pdftoppm("printf 'P5\\n30 30\\n255\\n'; head -c 900 /dev/zero")
        with pytest.raises(PageError) as caught:
            load_page(os.fspath(path), 0, Limits(max_pixels=800, pdf_dpi=15))
        assert caught.value.code == "page_too_large"


def test_a_renderer_that_is_killed_wanted_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "find_poppler", lambda: None)
    monkeypatch.setattr("pipeline.scans.pdf.run_renderer", lambda *_: (-9, None))
    (tmp_path / "a.pdf").write_bytes(pdf([b""]))
    with pytest.raises(MemoryError):
        load_page(os.fspath(tmp_path / "a.pdf"), 0, LIMITS)
