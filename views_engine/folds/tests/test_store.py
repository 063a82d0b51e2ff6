"""Fold units over a real store: in whatever order events arrive, rows equal the plain fold."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from events.event import Event
from views_engine.folds import engine
from views_engine.folds.contract import Key, Reading
from views_engine.folds.tests.units import UNITS, Folded, HotSpells, plain_fold
from views_engine.tests.histories import NOON, History, event


@pytest.fixture(autouse=True)
def units(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """All units of the tests are at work, and checkpoints are close to each other."""
    monkeypatch.setattr(engine, "CHECKPOINT_EVERY", 3)
    paths = [f"{type(unit).__module__}.{type(unit).__qualname__}" for unit in UNITS]
    calculator = settings.CONFIG.calculator.model_copy(update={"units": paths})
    settings.CONFIG = settings.CONFIG.model_copy(update={"calculator": calculator})


MOMENTS = (*range(20), 4000, 8000, 90_000, 3_000_000)
VALUES = (10.0, 20.0, 31.0, 31.0, 40.0, 50.0, None)

events = st.builds(
    lambda at, value, kind, device, seq: event(at, value, device=device, event_type=kind, seq=seq, event_id="e"),
    at=st.sampled_from(MOMENTS),
    value=st.sampled_from(VALUES),
    kind=st.sampled_from(["temperature", "temperature", "humidity"]),
    device=st.sampled_from(["a", "b"]),
    seq=st.sampled_from([-1, -1, 3]),
)
arrivals = st.lists(st.one_of(st.lists(events, min_size=1, max_size=6), st.just("marker")), max_size=12)


def arrive(parts: Sequence[Any]) -> tuple[History, list[Event]]:
    """The history of these batches and markers, and a last marker; the first of each identity is kept."""
    history, kept = History(), dict[Any, Event]()
    for part in parts:
        if part == "marker":
            history.marker()
        else:
            history.batch(*part)
            for one in part:
                kept.setdefault(one.identity, one)
    history.marker().ask("ledger")
    return history, list(kept.values())


def reading(one: Event) -> Reading:
    return Reading(
        device_id=one.device_id,
        event_type=one.event_type,
        event_id=one.event_id,
        seq=one.seq,
        observed_at=one.observed_at,
        timeless=one.timeless,
        value=one.reading.value,
    )


def found(history: History, unit: str, device_id: str) -> Folded:
    db, pair = history.store.connection, [unit, device_id]

    def ask(columns: str, table: str, order: str) -> list[tuple[Any, ...]]:
        sql = f"SELECT {columns} FROM {table} WHERE unit = ? AND device_id = ? ORDER BY {order}"
        return db.execute(sql, pair).fetchall()

    rows = [
        (Key(**key), n, since, json.loads(body))
        for key, n, since, body in ask("key, n, since, body", "fold_outputs", "key, n")
    ]
    shown = [(since, json.loads(body)) for since, body in ask("since, body", "fold_states", "1") if body]
    faults = [Key(**key) for (key,) in ask("key", "fold_faults", "key")]
    return Folded(rows, shown[0] if shown else None, faults[0] if faults else None)


@given(parts=arrivals)
@examples(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_equal_the_plain_fold(parts: list[Any]) -> None:
    history, kept = arrive(parts)
    for unit in UNITS:
        for device_id in ("a", "b"):
            own_events = [reading(one) for one in kept if one.device_id == device_id]
            assert found(history, unit.name, device_id) == plain_fold(unit, own_events), (unit.name, device_id)


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """When the readings were observed (s after noon) that Python saw of unit `hot`, in the order in which it did."""
    seen: list[int] = []
    taken = HotSpells.apply

    def noted(unit: HotSpells, state: Any, one: Reading) -> Any:
        if unit.name == "hot":
            seen.append((one.observed_at - NOON) // 1000)
        return taken(unit, state, one)

    monkeypatch.setattr(HotSpells, "apply", noted)
    return seen


def minutes(count: int, value: float) -> list[Event]:
    return [event(minute * 60, value) for minute in range(count)]


def test_python_sees_nothing_of_devices_at_rest(applied: list[int]) -> None:
    History().batch(*minutes(500, 20.0)).batch(event(90, 25.0), event(150, 29.0)).marker().ask("ledger")
    assert applied == []


def test_a_late_reading_far_in_the_past_costs_what_it_affects(applied: list[int]) -> None:
    history = History().batch(*minutes(2000, 20.0))
    history.batch(event(90, 35.0)).marker().ask("ledger")
    assert applied == [90, 120]
    assert len(found(history, "hot", "collar-1").rows) == 1


def test_what_a_repair_changed_is_told_with_its_epoch(applied: list[int]) -> None:
    history = History().batch(*minutes(10, 20.0)).batch(event(90, 35.0)).marker()
    history.ask("ledger")
    touched = history.store.connection.execute("SELECT epoch, step FROM fold_touched WHERE unit = 'hot'").fetchall()
    assert touched == [(1, 2)]


def test_a_late_reading_that_changes_nothing_touches_nothing(applied: list[int]) -> None:
    history = History().batch(event(0, 35.0), event(60, 36.0), event(120, 20.0)).batch(event(30, 34.0)).marker()
    history.ask("ledger")
    touched = history.store.connection.execute("SELECT epoch, step FROM fold_touched WHERE unit = 'hot'").fetchall()
    assert touched == [(0, 0)]
