"""The rows of a unit of one's own for one device: its events one by one, and nothing else."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from views_engine.folds.contract import FoldUnit, Output, Reading
from views_engine.verify.fold import Device
from views_engine.verify.reading import Observed

Row = tuple[Any, ...]
LAST = 1 << 62


class Taken(NamedTuple):
    """What became of a device: its rows, and the event that the unit could not take, with the reason."""

    rows: list[Row]
    fault: Row | None


def unit_rows(device: Device, unit: FoldUnit[Any]) -> Iterator[Row]:
    yield from _taken(device, unit).rows


def unit_faults(device: Device, unit: FoldUnit[Any]) -> Iterator[Row]:
    fault = _taken(device, unit).fault
    if fault is not None:
        yield fault


def _taken(device: Device, unit: FoldUnit[Any]) -> Taken:
    state, before, rows = unit.initial(), None, list[Row]()
    for event in device.events if unit.covers(device.device_id) else ():
        if unit.event_types is not None and event.event_type not in unit.event_types:
            continue
        try:
            state, outputs = unit.apply(state, _seen(event, before if unit.looks_back else None))
            state = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=unit.state_type)
            own = [_row(event, n, output) for n, output in enumerate(outputs)]
        except Exception as error:
            return Taken(rows, _fault(event, error))
        rows += own
        before = (event.observed_at, event.value)
    shown = unit.showing(state)
    return Taken(rows if shown is None else [*rows, _open(device, shown)], None)


def _seen(event: Observed, before: tuple[int, int | None] | None) -> Reading:
    return Reading(
        device_id=event.device_id,
        event_type=event.event_type,
        event_id=event.event_id,
        seq=event.seq,
        observed_at=event.observed_at,
        timeless=event.timeless,
        value=event.value,
        latitude=event.latitude,
        longitude=event.longitude,
        payload=event.payload,
        before=before,
    )


def _row(event: Observed, n: int, output: Output) -> Row:
    key = (event.observed_at, event.seq, event.event_type, event.event_id, event.timeless)
    return output.since, event.device_id, *key, n, _text(output), False


def _open(device: Device, shown: Output) -> Row:
    return shown.since, device.device_id, LAST, -1, "", "", False, 0, _text(shown), True


def _text(output: Output) -> str:
    return msgspec.json.encode(dict(output.body)).decode()


def _fault(event: Observed, error: Exception) -> Row:
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:500]
    cause = {name: getattr(event, name) for name in ("device_id", "event_type", "observed_at", "event_id")}
    return event.device_id, reason, cause
