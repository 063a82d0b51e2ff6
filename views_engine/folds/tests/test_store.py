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
from views_engine.folds.tests.units import UNITS, Folded, plain_fold
from views_engine.tests.histories import History, event


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
