"""The wheel is the whole application: it works with the checkout nowhere on the path."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from ocrq import __version__
from tests.drawing import make_page

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # hatchling is a dev dependency, so that nothing is downloaded here.
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    (built,) = folder.glob("*.whl")
    return built


class Installation:
    """The wheel in an environment of its own, on top of the libraries of the tests'."""

    def __init__(self, wheel: Path, folder: Path) -> None:
        self.folder = folder
        venv = [sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")]
        subprocess.run(venv, check=True)
        self.python = folder / "venv" / "bin" / "python"
        self.target = folder / "target"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.target)
        # .pth files of PYTHONPATH folders are not read: the editable install stays out of sight.
        path = [self.target, Path(sysconfig.get_path("purelib"))]
        self._env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "OCRQ_HOME": str(folder / "home"),
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "OMP_NUM_THREADS": "1",
        }

    def run(self, words: Sequence[str]) -> str:
        """Run Python with these words outside the checkout; what it prints."""
        done = subprocess.run(
            [str(self.python), *words],
            env=self._env,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ocrq(self, *words: str) -> str:
        return self.run(["-c", "from cli.main import main; main()", *words])


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(wheel, tmp_path_factory.mktemp("installed"))


def test_the_wheel_holds_the_application_and_its_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        entry_points = next(name for name in names if name.endswith("entry_points.txt"))
        assert b"ocrq = cli.main:main" in archive.read(entry_points)
    tops = {name.partition("/")[0] for name in names}
    assert not tops & {"tests", "bench", "docs", "examples", "scripts"}
    for needed in ("ocrq/py.typed", "migrations/env.py", "migrations/script.py.mako"):
        assert needed in names
    shipped = {str(p.relative_to(ROOT)) for p in (ROOT / "models").rglob("*") if p.is_file()}
    assert {n for n in shipped if "__pycache__" not in n} <= set(names)


def test_everything_is_imported_from_the_wheel(installation: Installation) -> None:
    packages = ["cli", "export", "migrations", "ocrq", "pipeline", "store", "training", "worker"]
    program = "import importlib; print(*(importlib.import_module(n).__path__[0] for n in %r))"
    places = installation.run(["-c", program % (packages,)]).split()
    assert [Path(p) for p in places] == [installation.target / name for name in packages]


def test_it_says_its_version(installation: Installation) -> None:
    assert __version__ in installation.ocrq("--version")


@pytest.mark.worker
def test_it_migrates_a_database_and_reads_a_page(installation: Installation) -> None:
    installation.ocrq("db", "upgrade")
    page = installation.folder / "page.png"
    Image.fromarray(make_page("some text", dpi=100)).save(page, dpi=(100, 100))
    installation.ocrq("run", str(page), "--batch", "box")  # with the weights that ship
    database = sqlite3.connect(installation.folder / "home" / "ocrq.db")
    (characters,) = database.execute("SELECT count(*) FROM characters").fetchone()
    database.close()
    assert characters > 0
    out = installation.folder / "out"
    installation.ocrq("export", "box", "--format", "txt", "--output", str(out))
    assert (out / "page.txt").read_text(encoding="utf-8").strip()


def test_the_shipped_weights_are_the_ones_that_were_trained(installation: Installation) -> None:
    installation.ocrq("models", "verify")
