"""The state of devices: what the registry knows of them, joined with what the views say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa
from django.conf import settings
from django.db.models import Q, QuerySet

from devices import presence
from devices.models import Device
from events.event import MICRO
from views_engine.alerts.reading import open_by_device, wait_briefly
from views_engine.api.columns import JSON_TEXT, TIME
from views_engine.api.shapes import Units
from views_engine.api.times import iso
from views_engine.reading import Reader, ShardAnswer, Version
from views_engine.reading.reader import Query

_COLUMNS: list[Any] = [
    pa.field("device_id", pa.utf8()),
    pa.field("name", pa.utf8()),
    pa.field("online", pa.bool_()),
    pa.field("last_observed_at", TIME),
    pa.field("last_received_at", TIME),
    pa.field("latest", pa.utf8(), metadata=JSON_TEXT),
    pa.field("open_alerts", pa.int64()),
]
SCHEMA = pa.schema(_COLUMNS)
MOST_BY_NAME = 1_000
"""Of more devices than these, the alerts of all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which registered devices; None means any. `search` looks into ids and names."""

    device_ids: Sequence[str] | None = None
    group: str | None = None
    tag: str | None = None
    search: str | None = None
    online: bool | None = None

    def registered(self) -> QuerySet[Device]:
        devices = Device.objects.order_by("device_id")
        if self.device_ids is not None:
            devices = devices.filter(device_id__in=self.device_ids)
        if self.group is not None:
            devices = devices.filter(groups__name=self.group)
        if self.tag is not None:
            devices = devices.filter(tags__name=self.tag)
        if self.search is not None:
            devices = devices.filter(Q(device_id__icontains=self.search) | Q(name__icontains=self.search))
        return devices


@dataclass(frozen=True, slots=True)
class Fleet:
    rows: pa.Table
    version: Version


class Presence:
    """Who counts as online at a moment of the log's clock."""

    def __init__(self) -> None:
        self._general = settings.CONFIG.presence.offline_after_s
        self._own = presence.overrides()

    def is_online(self, device_id: str, last_received_at: int | None, clock: int) -> bool:
        if last_received_at is None:
            return False
        return last_received_at >= clock - 1000 * self._own.get(device_id, self._general)

    def params(self) -> dict[str, Any]:
        """The parameters of the door's query `totals`."""
        return {"offline_after_s": self._general, "overrides": self._own}


def online_devices(answers: Iterable[ShardAnswer]) -> set[str]:
    """The devices that are online, from the door's `devices` answers."""
    present = Presence()
    return {
        row["device_id"]
        for answer in answers
        for row in answer.rows
        if present.is_online(row["device_id"], row["last_received_at"], answer.clock)
    }


def read_fleet(reader: Reader, named: Mapping[str, str], units: Units, *, at_least: Version | None) -> Fleet:
    """The state of the devices `named` (id to name), in their order, all from one moment."""
    ids = list(named)
    queries: list[Query] = [("devices", {"device_ids": ids}), ("latest", {"device_ids": ids})]
    heard, latest = reader.together(queries, at_least=at_least)
    states = {row["device_id"]: {**row, "clock": answer.clock} for answer in heard for row in answer.rows}
    readings = _readings(latest, units)
    present = Presence()
    version = {answer.shard: answer.version for answer in heard}
    wait_briefly(reader, at_least=version)
    alerts = open_by_device(ids if len(ids) <= MOST_BY_NAME else None)
    rows = [_row(one, name, states.get(one), readings, present, alerts) for one, name in named.items()]
    return Fleet(pa.Table.from_pylist(rows, schema=SCHEMA), version)


def _row(
    device_id: str,
    name: str,
    state: Mapping[str, Any] | None,
    readings: Mapping[str, dict[str, Any]],
    present: Presence,
    open_alerts: Mapping[str, int],
) -> dict[str, Any]:
    received = state["last_received_at"] if state else None
    return {
        "device_id": device_id,
        "name": name,
        "online": present.is_online(device_id, received, state["clock"] if state else 0),
        "last_observed_at": state["last_observed_at"] if state else None,
        "last_received_at": received,
        "latest": orjson.dumps(readings.get(device_id, {})).decode(),
        "open_alerts": open_alerts.get(device_id, 0),
    }


def _readings(answers: Iterable[ShardAnswer], units: Units) -> dict[str, dict[str, Any]]:
    """The newest reading of every type by device."""
    found: dict[str, dict[str, Any]] = {}
    for row in (row for answer in answers for row in answer.rows):
        found.setdefault(row["device_id"], {})[row["event_type"]] = _reading(row, units)
    return found


def _reading(row: Mapping[str, Any], units: Units) -> dict[str, Any]:
    at = iso(row["observed_at"])
    if row["latitude"] is not None:
        return {"latitude": row["latitude"] / MICRO, "longitude": row["longitude"] / MICRO, "observed_at": at}
    value = None if row["value"] is None else row["value"] / MICRO
    return {"value": value, "unit": units.get(row["event_type"]), "observed_at": at}
