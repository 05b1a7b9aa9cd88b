"""Process settings: one frozen object, read once at each process edge and passed down.

Sources, strongest first: `OCRQ_*` environment variables, `ocrq.toml` (named by `OCRQ_CONFIG`,
else in the working directory, else in `OCRQ_HOME`), defaults. Nothing else reads the environment.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ocrq.errors import ConfigError

#: What Kubernetes puts into every container for services whose names begin with `ocrq`.
_KUBERNETES = re.compile(r"_(SERVICE_HOST|SERVICE_PORT\w*|PORT|PORT_\d\w*)$")


def _setting(default: Any, doc: str, check: Callable[[Any], bool] | None = None) -> Any:
    return field(default=default, metadata={"doc": doc, "check": check})


def _positive(value: float) -> bool:
    return value > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default; the environment name is OCRQ_ and the field in capitals."""

    home: Path = _setting(Path(), "folder of the embedded database and other data")
    database_url: str = _setting("", "SQLAlchemy URL; empty: SQLite file ocrq.db in home")
    broker_url: str = _setting("memory://", "redis://host:port/0, or memory:// inside the worker")
    log_level: str = _setting(
        "warning",
        "debug, info, warning or error",
        lambda v: v in ("debug", "info", "warning", "error"),
    )
    log_style: str = _setting("text", "text or json", lambda v: v in ("text", "json"))

    lease_s: float = _setting(30.0, "how long a claim holds without a heartbeat, s", _positive)
    heartbeat_s: float = _setting(3.0, "time between heartbeats, s", _positive)
    tick_s: float = _setting(0.5, "time between two looks of the Ringer, s", _positive)
    max_attempts: int = _setting(3, "attempts of a page that raises errors, then failed", _positive)
    max_kills: int = _setting(
        3, "attempts of a page that kills its worker, then quarantined", _positive
    )
    max_deadlines: int = _setting(2, "attempts of a page that runs past its deadline", _positive)
    deadline_s: float = _setting(
        60.0, "deadline of a page, s, before its size is counted", _positive
    )
    deadline_s_per_megapixel: float = _setting(4.0, "added for each megapixel, s", _positive)
    memory_mb: int = _setting(1500, "data a page child may take beyond its model, MB", _positive)
    pages_per_child: int = _setting(500, "pages that a child reads before it is renewed", _positive)
    drain_s: float = _setting(30.0, "time running pages get when a worker is stopped, s", _positive)

    patience_s: float = _setting(
        300.0, "time `ocrq run` waits for a database that cannot be written, s", _positive
    )

    max_bytes: int = _setting(2_000_000_000, "largest file that is accepted, bytes", _positive)
    max_pixels: int = _setting(150_000_000, "largest page that is accepted, pixels", _positive)
    max_pages: int = _setting(10_000, "most pages in one file", _positive)
    pdf_dpi: int = _setting(300, "resolution at which PDF pages are rendered", _positive)
    min_x_height_px: float = _setting(
        6.5, "pages with smaller letters are flagged dpi_too_low, px", _positive
    )
    max_blur: float = _setting(
        0.35, "pages with wider edges are flagged too_blurred, share of the x-height", _positive
    )
    probe_s: float = _setting(30.0, "time to look into one file at submit, s", _positive)
    probe_memory_mb: int = _setting(1000, "memory to look into one file at submit, MB", _positive)
    review_token: str = _setting(
        "", "what `ocrq review` asks of browsers; empty: nothing on loopback, else made up"
    )
    path_map: str = _setting("", "FROM=TO[;FROM=TO]: where this host mounts the submitted paths")

    @property
    def sql_url(self) -> str:
        """The database URL with the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.home / 'ocrq.db'}"


def load_settings(env: Mapping[str, str], cwd: Path | None = None) -> Settings:
    """Read the settings of this process.

    Raises:
        ConfigError: an unknown name or a value of the wrong kind; names it and what is accepted.
    """
    home = Path(env.get("OCRQ_HOME") or _default_home(env)).expanduser().absolute()
    values: dict[str, Any] = {"home": home}
    for name, (raw, source) in _raw_values(env, cwd or Path.cwd(), home).items():
        values[name] = _convert(name, raw, source)
    settings = Settings(**values)
    if settings.lease_s < 2 * settings.heartbeat_s:
        raise ConfigError(
            f"OCRQ_LEASE_S: {settings.lease_s:g} s is less than two heartbeats (OCRQ_HEARTBEAT_S:"
            f" {settings.heartbeat_s:g} s); pages would be taken from workers that read them"
        )
    return settings


def _default_home(env: Mapping[str, str]) -> Path:
    data = env.get("XDG_DATA_HOME") or str(Path(env.get("HOME", "~")) / ".local" / "share")
    return Path(data) / "ocrq"


def _raw_values(env: Mapping[str, str], cwd: Path, home: Path) -> dict[str, tuple[Any, str]]:
    known = {f.name for f in fields(Settings)} - {"home"}
    found: dict[str, tuple[Any, str]] = {}
    path = _config_file(env, cwd, home)
    if path is not None:
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
            raise ConfigError(f"{path}: cannot be read as TOML: {exc}") from exc
        for name, value in table.items():
            if name not in known:
                raise ConfigError(
                    f"{path}: there is no setting {name!r}; known are {', '.join(sorted(known))}"
                )
            found[name] = (value, f"{path}: {name}")
    for variable, value in env.items():
        if not variable.startswith("OCRQ_") or variable in ("OCRQ_HOME", "OCRQ_CONFIG"):
            continue
        if _KUBERNETES.search(variable):
            continue
        name = variable.removeprefix("OCRQ_").lower()
        if name not in known or variable != variable.upper():
            near = difflib.get_close_matches(name, known, n=1) or sorted(known)
            names = ", ".join(f"OCRQ_{n.upper()}" for n in near)
            raise ConfigError(f"{variable}: there is no such setting; known are {names}")
        if value:
            found[name] = (value, variable)
    return found


def _config_file(env: Mapping[str, str], cwd: Path, home: Path) -> Path | None:
    if env.get("OCRQ_CONFIG"):
        path = Path(env["OCRQ_CONFIG"]).expanduser()
        if not path.is_file():
            raise ConfigError(f"OCRQ_CONFIG names {path}, which is not a file")
        return path
    return next((p for p in (cwd / "ocrq.toml", home / "ocrq.toml") if p.is_file()), None)


def _convert(name: str, raw: Any, source: str) -> Any:
    declared = next(f for f in fields(Settings) if f.name == name)
    kind: Callable[[Any], Any] = type(declared.default)
    try:
        value = kind(raw)
    except (TypeError, ValueError) as exc:
        raise ConfigError(f"{source}: {raw!r} is not a {type(declared.default).__name__}") from exc
    check = declared.metadata["check"]
    if check is not None and not check(value):
        raise ConfigError(f"{source}: {raw!r} is not accepted ({declared.metadata['doc']})")
    return value
