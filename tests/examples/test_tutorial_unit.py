"""The page docs/tutorial-unit.md keeps its word: its very code runs, in a package outside the project."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from views_engine.calculator.worker import Calculator
from views_engine.folds.contract import PlainFold, Reading
from views_engine.folds.own import load_units
from views_engine.tests.histories import NOON, History, event

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial-unit.md"
MINUTE = 60_000


class Nothing(PlainFold):
    name = "nothing"

    def initial(self) -> None:
        return None

    def apply(self, state: None, event: Reading) -> tuple[None, list[Any]]:
        return None, []


@pytest.fixture
def code() -> str:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def freezers(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Path]:
    """The page's unit, in a package of its own that the settings name."""
    (tmp_path / "freezers").mkdir()
    (tmp_path / "freezers" / "__init__.py").touch()
    module = tmp_path / "freezers" / "defrosts.py"
    module.write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    use(settings)
    yield module
    forget()


def use(settings: Any, *units: str) -> None:
    forget()
    calculator = settings.CONFIG.calculator.model_copy(update={"units": list(units or ["freezers.defrosts.Defrosts"])})
    settings.CONFIG = settings.CONFIG.model_copy(update={"calculator": calculator})


def forget() -> None:
    load_units.cache_clear()
    for name in ("freezers.defrosts", "freezers"):
        sys.modules.pop(name, None)


def rows(history: History) -> list[tuple[int, bool, str]]:
    return [(row["since"] - NOON, row["open"], row["body"]) for row in history.ask("unit_rows", unit="defrosts")]


def cycle(at: int, *values: float) -> list[Any]:
    return [event((at + minute) * 60, value, device="freezer-1") for minute, value in enumerate(values)]


def test_a_cycle_is_a_row_and_one_that_goes_on_is_open(freezers: Path) -> None:
    history = History().batch(*cycle(0, -20, 1, 4, -15, -18, 2))
    assert rows(history) == [
        (1 * MINUTE, False, f'{{"until":{NOON + 3 * MINUTE},"warmest":4.0}}'),
        (5 * MINUTE, True, '{"until":null,"warmest":2.0}'),
    ]


def test_late_events_correct_it_and_say_so(freezers: Path) -> None:
    history = History().batch(*cycle(0, -20, 1)).batch(*cycle(3, 3, -18)).batch(*cycle(2, -12)).marker()
    assert [(since, is_open) for since, is_open, _ in rows(history)] == [(MINUTE, False), (3 * MINUTE, False)]
    corrected = [row for row in history.ask("corrections") if row["view"] == "unit:defrosts"]
    assert {(row["field"], row["from"], row["to"]) for row in corrected} == {
        ("until", NOON + 4.0 * MINUTE, NOON + 2.0 * MINUTE),
        ("warmest", 3.0, 1.0),
        ("until", None, NOON + 4.0 * MINUTE),
        ("warmest", None, 3.0),
    }


def test_a_unit_that_is_switched_on_later_finds_all_that_is_kept(freezers: Path, settings: Any) -> None:
    use(settings, "tests.examples.test_tutorial_unit.Nothing")
    history = History().batch(*cycle(0, -20, 1, 4, -15))
    history.ask("ledger")
    use(settings)
    Calculator(log=history.log, shard=0, store=history.store)
    assert [since for since, _, _ in rows(history)] == [MINUTE]


def test_a_new_version_starts_over(freezers: Path, settings: Any) -> None:
    history = History().batch(*cycle(0, -20, 1, 4, -15))
    history.ask("ledger")
    warmer = freezers.read_text().replace("-10_000_000", "2_000_000")
    freezers.write_text(warmer.replace("(PlainFold):", "(PlainFold):\n    version = 2"))
    use(settings)
    Calculator(log=history.log, shard=0, store=history.store)
    assert [since for since, _, _ in rows(history)] == [2 * MINUTE]


def test_a_fault_is_the_devices_own_and_can_be_seen(freezers: Path, settings: Any) -> None:
    line = "        if event.value > WARM:"
    freezers.write_text(freezers.read_text().replace(line, f"        1 // (event.value - 7_000_000)\n{line}"))
    use(settings)
    history = History().batch(*cycle(0, 1, -20, 7, 1, -20), event(0, 1, device="b"), event(60, -20, device="b"))
    assert [row["device_id"] for row in history.ask("unit_rows", unit="defrosts")] == ["b", "freezer-1"]
    (fault,) = history.ask("unit_faults", unit="defrosts")
    assert fault["reason"] == "ZeroDivisionError: integer division or modulo by zero"
    assert fault["cause"]["observed_at"] == NOON + 2 * MINUTE
