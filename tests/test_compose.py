"""docker-compose.yml: what it promises, and its own commands run here against real servers.

No container engine is needed: each service's command, environment and health check are taken from
the file, with only host names, ports and mount points replaced by this machine's.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from PIL import Image

from tests.compose_file import MissingVariable, read_compose
from tests.drawing import make_page
from tests.services import (
    PostgresServer,
    RedisServer,
    die_with_parent,
    free_port,
    postgres_programs,
    wait_for,
)

ROOT = Path(__file__).parent.parent
COMPOSE = ROOT / "docker-compose.yml"
OCRQ = Path(sys.executable).with_name("ocrq")
PASSWORDS = {"POSTGRES_PASSWORD": PostgresServer.password, "REDIS_PASSWORD": "0123abcd"}
LONG_RUNNING = ("postgres", "redis", "worker", "worker-gpu", "review")
OF_OCRQ = ("migrate", "worker", "worker-gpu", "review", "ocrq")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = read_compose(COMPOSE, PASSWORDS)["services"]
    return found


@pytest.mark.parametrize("missing", PASSWORDS)
def test_there_are_no_default_passwords(missing: str) -> None:
    env = {name: value for name, value in PASSWORDS.items() if name != missing}
    with pytest.raises(MissingVariable, match=missing):
        read_compose(COMPOSE, env)


def test_every_variable_is_explained_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = {line.partition("=")[0] for line in example.splitlines() if "=" in line}
    used = {node.removeprefix("${").split(":")[0] for node in _variables(COMPOSE)}
    assert named == used
    assert "POSTGRES_PASSWORD=\n" in example
    assert "REDIS_PASSWORD=\n" in example


def _variables(path: Path) -> list[str]:
    text = yaml.safe_dump(yaml.safe_load(path.read_text(encoding="utf-8")), width=10_000)
    return [part.partition("}")[0] for part in text.split("${")[1:]]


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_a_service_that_stays_is_watched_and_restarted(services: dict[str, Any], name: str) -> None:
    assert services[name]["healthcheck"]["test"][0] == "CMD"
    assert services[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OF_OCRQ)
def test_a_container_of_ocrq_can_do_no_harm(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert all(volume.endswith(":/scans:ro") for volume in service["volumes"])


def test_workers_wait_for_the_servers_and_the_migration(services: dict[str, Any]) -> None:
    for name in ("worker", "worker-gpu"):
        assert services[name]["depends_on"] == {
            "postgres": {"condition": "service_healthy"},
            "redis": {"condition": "service_healthy"},
            "migrate": {"condition": "service_completed_successfully"},
        }
    assert services["worker-gpu"]["profiles"] == ["gpu"]
    assert "profiles" not in services["worker"]


def test_a_single_command_finds_a_database_that_is_migrated(services: dict[str, Any]) -> None:
    assert services["ocrq"]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "migrate": {"condition": "service_completed_successfully"},
    }


def test_no_port_is_open_but_that_of_the_review_pages_on_this_host(
    services: dict[str, Any],
) -> None:
    opened = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert opened == {"review": ["127.0.0.1:8021:8021"]}
    assert services["review"]["profiles"] == ["review"]


def test_the_image_runs_as_its_own_user_and_gets_every_package() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    final = dockerfile.rpartition("\nFROM ")[2]
    assert "\nUSER ocrq\n" in final
    assert "poppler-utils" in final
    assert "build-essential" not in dockerfile
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{name}" for name in wheel["build"]["targets"]["wheel"]["packages"]} <= set(ignored)


def test_the_image_installs_the_dependencies_of_the_project() -> None:
    script = ROOT / "scripts" / "list-dependencies"
    cpu = subprocess.run([sys.executable, script], cwd=ROOT, capture_output=True, text=True)
    gpu = subprocess.run([sys.executable, script, "gpu"], cwd=ROOT, capture_output=True, text=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert cpu.stdout.splitlines() == project["dependencies"]
    assert "and-cuda" in gpu.stdout


class Deployment:
    """The compose file's services as processes of this machine."""

    def __init__(self, postgres: PostgresServer, folder: Path, database: str) -> None:
        self.scans = folder / "scans"
        self._folder = folder
        self._database = database
        self._postgres_port = postgres.port
        self._redis_port = free_port()
        self._services = read_compose(COMPOSE, {**PASSWORDS, "SCANS": str(self.scans)})["services"]

    def env(self, service: str) -> dict[str, str]:
        """The service's environment; host names become loopback ports."""
        given: dict[str, str] = self._services[service].get("environment", {})
        placed = {
            name: value.replace("@postgres:5432/ocrq", f"@127.0.0.1:{self._postgres_port}/ocrq")
            .replace("@redis:6379/", f"@127.0.0.1:{self._redis_port}/")
            .replace(f"{self._postgres_port}/ocrq", f"{self._postgres_port}/{self._database}")
            for name, value in given.items()
        }
        image = {"OCRQ_HOME": str(self._folder / "home"), "OMP_NUM_THREADS": "1"}
        return {"PATH": "/usr/local/bin:/usr/bin:/bin", **image, **placed}

    def command(self, service: str) -> list[str]:
        words: list[str] = self._services[service]["command"]
        if service == "redis":
            return [*words, "--port", str(self._redis_port), "--bind", "127.0.0.1"]
        return [str(OCRQ), *words]

    def is_healthy(self, service: str) -> bool:
        """Run the health check as the engine would: exit status 0 is healthy."""
        program, *words = self._services[service]["healthcheck"]["test"][1:]
        if program == "redis-cli":
            words = ["-p", str(self._redis_port), *words]
        elif program == "pg_isready":
            program = str((postgres_programs() or Path("/usr/bin")) / program)
            words = [*words, "-p", str(self._postgres_port)]
        elif program == "ocrq":
            program = str(OCRQ)
        try:
            return self._run([program, *words], service).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def ocrq(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`docker compose run --rm ocrq WORDS`."""
        placed = [word.replace("/scans", str(self.scans)) for word in words]
        return self._run([str(OCRQ), *placed], "ocrq")

    def run(self, service: str) -> subprocess.CompletedProcess[str]:
        return self._run(self.command(service), service)

    @contextmanager
    def running(self, service: str) -> Iterator[subprocess.Popen[bytes]]:
        log = (self._folder / f"{service}.log").open("wb")
        with log:
            process = subprocess.Popen(
                self.command(service),
                env=self.env(service),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def log(self, service: str) -> str:
        return (self._folder / f"{service}.log").read_text(encoding="utf-8", errors="replace")

    def _run(self, command: list[str], service: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.env(service),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=90,
        )


@pytest.fixture
def deployment(
    postgres_server: PostgresServer, redis_process: RedisServer, tmp_path: Path
) -> Iterator[Deployment]:
    # redis_process is not used: it skips, or fails under CI, where there is no redis-server.
    with postgres_server.new_database() as name:
        yield Deployment(postgres_server, tmp_path, name)


@pytest.mark.worker
@pytest.mark.redis
@pytest.mark.postgres
def test_the_services_read_scans(deployment: Deployment, postgres_server: PostgresServer) -> None:
    deployment.scans.mkdir()
    for number in range(3):
        page = make_page(f"page {number}\nof the scans", dpi=100)
        Image.fromarray(page).save(deployment.scans / f"{number}.png", dpi=(100, 100))

    assert not deployment.is_healthy("redis")
    with deployment.running("redis"):
        wait_for("redis is healthy", lambda: deployment.is_healthy("redis"), 90)
        wait_for("postgres is healthy", lambda: deployment.is_healthy("postgres"), 90)

        before = deployment.ocrq("status")
        assert before.returncode == 74, before.stderr
        assert "ocrq db upgrade" in before.stderr
        migrated = deployment.run("migrate")
        assert migrated.returncode == 0, migrated.stderr
        again = deployment.run("migrate")
        assert again.returncode == 0, again.stderr

        with deployment.running("worker") as worker:
            engine = "tests.engines.fake:make_engine"
            done = deployment.ocrq("submit", "/scans", "--batch", "box 1", "--engine", engine)
            assert done.returncode == 0, done.stderr
            url = deployment.env("ocrq")["OCRQ_DATABASE_URL"].replace("+psycopg", "")
            with psycopg.connect(
                url, password=postgres_server.password, autocommit=True
            ) as connection:

                def count(query: str) -> int:
                    row = connection.execute(query).fetchone()
                    assert row is not None
                    return int(row[0])

                def is_done() -> bool:
                    assert worker.poll() is None, deployment.log("worker")
                    return count("SELECT count(*) FROM pages WHERE state = 'done'") == 3

                try:
                    wait_for("three pages are read", is_done, 90)
                except AssertionError as exc:
                    raise AssertionError(f"{exc}\n{deployment.log('worker')}") from exc
                assert count("SELECT count(*) FROM characters") > 0

            wait_for("the worker is healthy", lambda: deployment.is_healthy("worker"), 90)
            status = deployment.ocrq("status", "box 1", "--json")
            assert status.returncode == 0, status.stderr
            assert "box 1" in status.stdout

            worker.send_signal(signal.SIGTERM)  # docker compose stop
            assert worker.wait(timeout=45) == 0, deployment.log("worker")
        assert PASSWORDS["REDIS_PASSWORD"] not in deployment.log("worker")
