import pytest

from iotproject.checks import check
from iotproject.config import Config

SECRET = "k" * 40


def ids(**sections: object) -> set[str | None]:
    return {message.id for message in check(Config.model_validate(sections))}


def test_a_sound_configuration_has_no_messages() -> None:
    assert ids() == set()


def test_a_log_backend_that_does_not_exist_is_an_error() -> None:
    assert ids(log={"backend": "events.log.nothing.Nothing"}) == {"iot.E001"}


@pytest.mark.parametrize(
    ("section", "value", "quiet"),
    [
        ("server", {"secret_key": SECRET, "allowed_hosts": ["iot.example.com"]}, "iot.W001"),
        ("database", {"url": "postgres://u:p@db/iot"}, "iot.W002"),
        ("storage", {"url": "s3://bucket/iot"}, "iot.W003"),
    ],
)
def test_production_on_one_machine_is_warned_about(section: str, value: dict[str, object], quiet: str) -> None:
    production: dict[str, object] = {"environment": "production", "server": {"secret_key": SECRET}}

    assert quiet in ids(**production)
    assert quiet not in ids(**{**production, section: value})


@pytest.mark.parametrize(
    ("paths", "sentence"),
    [
        (["nowhere.Unit"], "nowhere.Unit cannot be loaded: ModuleNotFoundError: No module named 'nowhere'."),
        (["views_engine.folds.tests.units.Hot"], "views_engine.folds.tests.units.Hot is no fold unit: it lacks"),
        (["views_engine.folds.tests.units.Hot"], "glides, showing, event_types, looks_back, reads_payload, state"),
        (["views_engine.folds.tests.units.HotSpells"] * 2, "are both named 'hot': every unit needs its own name."),
        (["views_engine.folds.contract.PlainFold"], "is no fold unit: it lacks initial, apply."),
    ],
)
def test_a_unit_that_cannot_work_is_an_error(paths: list[str], sentence: str) -> None:
    (message,) = check(Config.model_validate({"calculator": {"units": paths}}))
    assert message.id == "iot.E003"
    assert sentence in message.msg
