from __future__ import annotations

import os
from pathlib import Path

import pytest

from ocrq.errors import PageError
from pipeline.limits import Limits
from pipeline.load import load_page
from pipeline.probe import probe_file
from tests.bad_files import write_bad_files


def test_every_bad_file_gets_its_code_and_a_sentence(tmp_path: Path) -> None:
    wrong = []
    for bad in write_bad_files(tmp_path):
        code, error = "none", ""
        try:
            probe = probe_file(bad.path, Limits(), root=os.fsencode(tmp_path))
            assert bad.page, bad
            assert len(probe.pages) == 1
            code, error = probe.pages[0].error_code or "none", probe.pages[0].error or ""
        except PageError as exc:
            assert not bad.page, bad
            code, error = exc.code, str(exc)
        if code != bad.code:
            wrong.append((bad, code, error))
        error.encode("utf-8")  # fit for SQL, whatever the file's name
        assert len(error) > 20
        assert "<_io." not in error
    assert not wrong


def test_loading_a_bad_file_is_a_page_error_too(tmp_path: Path) -> None:
    for bad in write_bad_files(tmp_path):
        with pytest.raises(PageError):
            load_page(bad.path, 0, Limits())


def test_a_link_in_circles_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "x.png").symlink_to("y.png")
    (tmp_path / "y.png").symlink_to("x.png")

    with pytest.raises(PageError, match="in circles") as found:
        probe_file(str(tmp_path / "x.png"), Limits())

    assert found.value.code == "symlink_broken"
