from __future__ import annotations

from pathlib import Path

import pytest

from ocrq.config import load_settings
from ocrq.errors import ConfigError


def test_environment_wins_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    (tmp_path / "ocrq.toml").write_text("max_kills = 5\nmax_pages = 7\n")
    env = {"OCRQ_HOME": str(tmp_path), "OCRQ_MAX_PAGES": "9", "OCRQ_LOG_LEVEL": "", "HOME": "/x"}

    settings = load_settings(env, tmp_path)

    assert (settings.max_kills, settings.max_pages, settings.log_level) == (5, 9, "warning")


def test_a_variable_with_a_typing_error_is_named_with_its_neighbour(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"OCRQ_LEASES_S.*known are OCRQ_LEASE_S$"):
        load_settings({"OCRQ_HOME": str(tmp_path), "OCRQ_LEASES_S": "3"}, tmp_path)


def test_variables_that_kubernetes_makes_are_no_settings(tmp_path: Path) -> None:
    made = {"OCRQ_REDIS_SERVICE_HOST": "10.0.0.1", "OCRQ_REDIS_PORT_6379_TCP_ADDR": "10.0.0.1"}

    assert load_settings({"OCRQ_HOME": str(tmp_path), **made}, tmp_path).broker_url == "memory://"


def test_a_name_that_the_file_does_not_know_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "ocrq.toml").write_text("leases_s = 5\n")

    with pytest.raises(ConfigError, match=r"ocrq\.toml: there is no setting 'leases_s'"):
        load_settings({"OCRQ_HOME": str(tmp_path)}, tmp_path)


def test_a_lease_outlives_heartbeats(tmp_path: Path) -> None:
    env = {"OCRQ_HOME": str(tmp_path), "OCRQ_LEASE_S": "2", "OCRQ_HEARTBEAT_S": "1.5"}

    with pytest.raises(ConfigError, match="OCRQ_LEASE_S: 2 s is less than two heartbeats"):
        load_settings(env, tmp_path)
