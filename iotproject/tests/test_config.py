from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from iotproject.config import ROOT, Config, Section, load
from iotproject.mistakes import ConfigurationError


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.upper().startswith("IOT_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"IOT_SERVER__PORT": "abc"}, "Setting server.port (from IOT_SERVER__PORT in the environment)"),
        ({"IOT_SERVER__PROT": "1"}, "Setting server.prot (from IOT_SERVER__PROT in the environment) does not exist"),
        ({"IOT_SREVER__PORT": "1"}, "The environment variable IOT_SREVER__PORT names no setting"),
        ({"IOT_SERVER": "x"}, 'Error parsing value for field "server"'),
        ({"IOT_BOARD__LEASE_S": "0.1"}, "Setting board: heartbeat_s (0.5) must be shorter than lease_s (0.1)"),
        ({"IOT_DATABASE__URL": "pg:/x"}, "Setting database.url"),
        ({"IOT_STORAGE__URL": "gs://x"}, "Setting storage.url"),
        ({"IOT_LOG__BACKEND": "kafka"}, "Setting log.backend"),
        ({"IOT_LOG__SHARDS": "0"}, "Setting log.shards"),
        ({"IOT_EVENTS__EARLIEST_OBSERVED_AT": "2000-01-01"}, "must be a time with a zone"),
        ({"IOT_SERVER__TRUSTED_ORIGINS": "iot.example.com"}, "Setting server.trusted_origins"),
        ({"IOT_SETTINGS": "/nowhere.yaml"}, "There is no settings file /nowhere.yaml"),
        ({"IOT_ENVIRONMENT": "production"}, "Setting server.secret_key needs at least 32 characters"),
        (
            {"IOT_ENVIRONMENT": "production", "IOT_SERVER__DEBUG": "true", "IOT_SERVER__SECRET_KEY": "k" * 32},
            "Setting server.debug must be false in production",
        ),
    ],
)
def test_a_mistake_is_a_sentence_that_names_the_key(
    monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str], sentence: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError) as mistake:
        load()

    assert sentence in str(mistake.value)
    assert len(str(mistake.value).splitlines()) == 1


def test_a_secret_is_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOT_DATABASE__URL", "pg://user:hunter2@host/x")

    with pytest.raises(ConfigurationError) as mistake:
        load()

    assert "hunter2" not in str(mistake.value)


@pytest.mark.parametrize("text", ["server:\n  port: [1\n", "- a\n- b\n", "server: {port: 1, port2: 2}\n"])
def test_a_broken_file_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    monkeypatch.setenv("IOT_SETTINGS", str(path))

    with pytest.raises(ConfigurationError, match=r"broken\.yaml|server\.port2"):
        load()


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("server: {port: 9001, host: 0.0.0.0}\n")
    monkeypatch.setenv("IOT_SETTINGS", str(path))
    monkeypatch.setenv("IOT_SERVER__PORT", "9002")

    assert (load().server.port, load().server.host) == (9002, "0.0.0.0")


def test_a_list_in_the_environment_is_parted_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOT_SERVER__ALLOWED_HOSTS", "a.example, b.example")

    assert load().server.allowed_hosts == ["a.example", "b.example"]


def test_the_development_file_names_every_key_with_its_default() -> None:
    written = yaml.safe_load((ROOT / "configs" / "development.yaml").read_text())
    sections = {name: value for name, value in _defaults().items() if isinstance(value, dict)}

    assert {name: written[name] for name in sections} == sections
    assert written["environment"] == "development"


def test_the_production_file_is_complete_with_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOT_SETTINGS", str(ROOT / "configs" / "production.yaml"))
    monkeypatch.setenv("IOT_SERVER__SECRET_KEY", "k" * 50)

    assert load().environment == "production"


def _defaults() -> dict[str, object]:
    defaults = {name: field.default for name, field in Config.model_fields.items()}
    return {name: value.model_dump() if isinstance(value, Section) else value for name, value in defaults.items()}
