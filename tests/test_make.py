"""make: what it installs, what it says where it may not, and that nothing is installed twice.

Programs that would change the machine (apt-get, sudo, id) are stand-ins on the PATH.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "scripts"


class Machine:
    """A PATH on which some programs are stand-ins that note how they were called."""

    def __init__(self, folder: Path) -> None:
        self._bin = folder / "bin"
        self._bin.mkdir()
        self._calls = folder / "calls"

    def program(self, name: str, body: str) -> None:
        path = self._bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self._calls}"\n{body}\n')
        path.chmod(0o755)

    def calls(self, name: str) -> list[str]:
        lines = self._calls.read_text().splitlines() if self._calls.exists() else []
        return [line for line in lines if line.startswith(f"{name} ")]

    def run(self, *command: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, command)),
            env={"PATH": f"{self._bin}:/usr/bin:/bin", **env},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def without_rights(machine: Machine) -> Machine:
    machine.program("id", "echo 1000")
    machine.program("sudo", "exit 1")
    machine.program("apt-get", "exit 0")
    return machine


@pytest.fixture
def as_root(machine: Machine) -> Machine:
    machine.program("id", "echo 0")
    machine.program("apt-get", "exit 0")
    return machine


def test_programs_that_are_there_are_not_installed(as_root: Machine) -> None:
    done = as_root.run(SCRIPTS / "need-programs", "no matter", "coreutils:ls", "dash:sh")
    assert done.returncode == 0
    assert not as_root.calls("apt-get")
    assert not done.stderr


def test_root_installs_what_is_missing(as_root: Machine) -> None:
    done = as_root.run(SCRIPTS / "need-programs", "no matter", "poppler-utils:no-such-program")
    assert done.returncode == 0
    (call,) = as_root.calls("apt-get")
    assert call.endswith("poppler-utils")


def test_a_fresh_machine_fetches_the_package_lists_first(machine: Machine) -> None:
    machine.program("id", "echo 0")
    machine.program("apt-get", '[ "$1" = update ] && touch "$0.lists"; [ -e "$0.lists" ]')
    assert machine.run(SCRIPTS / "install-packages", "redis-server").returncode == 0
    assert [call.split()[1] for call in machine.calls("apt-get")] == [
        "install",
        "update",
        "install",
    ]


def test_sudo_without_a_password_is_enough(machine: Machine) -> None:
    machine.program("id", "echo 1000")
    machine.program("sudo", 'shift; exec "$@"')
    machine.program("apt-get", "exit 0")
    assert machine.run(SCRIPTS / "install-packages", "redis-server").returncode == 0
    assert machine.calls("sudo")[-1].startswith("sudo -n env DEBIAN_FRONTEND=noninteractive")
    assert machine.calls("apt-get")


def test_without_rights_it_says_what_to_install_and_goes_on(without_rights: Machine) -> None:
    done = without_rights.run(
        SCRIPTS / "need-programs", "pypdfium2 renders PDF pages", "poppler-utils:no-such-program"
    )
    assert done.returncode == 0
    assert not without_rights.calls("apt-get")
    assert "sudo apt-get install poppler-utils" in done.stderr
    assert "pypdfium2 renders PDF pages" in done.stderr


def test_a_failed_installation_shows_what_apt_said(machine: Machine) -> None:
    machine.program("id", "echo 0")
    machine.program("apt-get", "echo E: no network; exit 100")
    done = machine.run(SCRIPTS / "install-packages", "redis-server")
    assert done.returncode == 1
    assert "E: no network" in done.stderr


def test_a_python_that_is_too_old_is_refused(machine: Machine, tmp_path: Path) -> None:
    machine.program("python3.9", "exit 1")
    done = machine.run(SCRIPTS / "make-venv", tmp_path / "venv", PYTHON="python3.9")
    assert done.returncode == 1
    assert "python3.9 is not a Python 3.11 or newer" in done.stderr


def test_a_missing_venv_module_is_named(without_rights: Machine, tmp_path: Path) -> None:
    answers = 'case "$2" in *ensurepip*) exit 1;; *print*) echo 3.12;; esac'
    without_rights.program("python3", answers)
    done = without_rights.run(SCRIPTS / "make-venv", tmp_path / "venv")
    assert done.returncode == 1
    assert "sudo apt-get install python3.12-venv" in done.stderr


def test_an_environment_that_works_is_kept(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    working = tmp_path / "venv" / "bin" / "python"
    working.write_text("#!/bin/sh\nexit 0\n")
    working.chmod(0o755)
    assert machine.run(SCRIPTS / "make-venv", tmp_path / "venv").returncode == 0
    assert working.exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_what_is_installed_is_not_installed_again(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(SCRIPTS, tmp_path / "scripts")
    plan = ["make", "--dry-run", "run"]
    # Not the outer make's: it would pass its own flags on.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    fresh = subprocess.run(plan, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert "scripts/make-venv" in fresh.stdout
    assert "scripts/install-python" in fresh.stdout
    made = tmp_path / ".venv" / ".made"
    made.mkdir(parents=True)
    for number, stamp in enumerate(("venv", "run")):
        (made / stamp).touch()
        newer = (tmp_path / "Makefile").stat().st_mtime + 10 + number
        os.utime(made / stamp, (newer, newer))
    second = subprocess.run(plan, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert "install-python" not in second.stdout
    assert "make-venv" not in second.stdout
    assert "bin/ocrq run" in second.stdout


def test_every_dependency_is_pinned_to_a_version_that_fits() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    # Exact versions, no address of any package index.
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", pin) for pin in pins)
    pinned = {
        canonicalize_name(name): version for name, _, version in (p.partition("==") for p in pins)
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for line in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        wanted = Requirement(line)
        version = pinned[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(version, prereleases=True), f"{wanted}: {version}"
