"""Makes the records follow what a round has found. All of it runs inside the round's transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import connection

from views_engine.alerts.limit import Allowance
from views_engine.alerts.matching import Change, Interval, match
from views_engine.alerts.metrics import REVISIONS
from views_engine.alerts.models import Alert, Revision, Rule
from views_engine.alerts.revising import Cause, Moment, Revised, made, revised
from views_engine.alerts.telling import somebody_listens, tell

Pair = tuple[int, str]
"""A rule's id and a device's."""

DEVICES_AT_ONCE = 500
ROWS_AT_ONCE = 200
FIELDS = (
    *("started_at", "raised_at", "cleared_at", "value", "severity", "rule_name"),
    *("state", "reach", "merged_into", "revision"),
)
"""What a round writes of a record that was there. What people did to it is not among them."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All intervals of every pair that may have changed.

    `causes`: by rule, device and start, the late event to blame; `late`: by pair, where no start tells.
    """

    at: Moment
    pairs: Mapping[Pair, Sequence[Interval]]
    causes: Mapping[tuple[int, str, int], Cause] = field(default_factory=dict)
    late: Mapping[Pair, Cause] = field(default_factory=dict)


def follow(found: Found) -> list[Revised]:
    """Makes the records of these pairs follow their intervals; the revisions written, and told to the outbox."""
    rules = Rule.objects.in_bulk({rule_id for rule_id, _ in found.pairs})
    work = _Work(found, rules)
    for (rule_id, device_id), records in _records(_known_only(found.pairs, rules)):
        for change in match([record.known() for record in records], found.pairs[rule_id, device_id]):
            work.add((rule_id, device_id), {record.pk: record for record in records}, change)
    return work.save()


def _known_only(pairs: Iterable[Pair], rules: Mapping[int, Rule]) -> dict[int, list[str]]:
    """The devices by rule. A log may name rules that this database never had; they have no records here."""
    devices: defaultdict[int, list[str]] = defaultdict(list)
    for rule_id, device_id in pairs:
        devices[rule_id].append(device_id)
    if strange := sorted(devices.keys() - rules.keys()):
        log.warning("rules_not_in_the_database", rules=strange)
    return {rule_id: devices[rule_id] for rule_id in devices if rule_id in rules}


def _records(devices: Mapping[int, Sequence[str]]) -> Iterator[tuple[Pair, list[Alert]]]:
    """Every record of these devices, those that were withdrawn included, by pair."""
    for rule_id, ids in devices.items():
        for begin in range(0, len(ids), DEVICES_AT_ONCE):
            some = ids[begin : begin + DEVICES_AT_ONCE]
            of_device: dict[str, list[Alert]] = {device_id: [] for device_id in some}
            for alert in Alert.objects.filter(rule_id=rule_id, device_id__in=some).order_by():
                of_device[alert.device_id].append(alert)
            yield from (((rule_id, device_id), records) for device_id, records in of_device.items())


class _Work:
    """Gathers what a round does, and saves it in bulk."""

    def __init__(self, found: Found, rules: Mapping[int, Rule]) -> None:
        self._found, self._rules = found, rules
        self._allowance = Allowance(rules, found.at.clock)
        self._new: list[tuple[Alert, list[Revised]]] = []
        self._changed: dict[int, Alert] = {}
        self._grown: list[Alert] = []
        self._revised: list[Revised] = []

    def add(self, pair: Pair, records: Mapping[int, Alert], change: Change) -> None:
        if change.record is None:
            self._add_new(pair, change)
            return
        alert = records[change.record]
        found = list(revised(alert, change, self._found.at, self._cause(pair, change, alert)))
        self._revised += found
        if found:
            self._changed[alert.pk] = alert
        else:
            self._grown.append(alert)

    def _add_new(self, pair: Pair, change: Change) -> None:
        if self._allowance.take(pair[0]):
            self._new.append(made(*pair, change, self._found.at, self._cause(pair, change, None)))

    def _cause(self, pair: Pair, change: Change, alert: Alert | None) -> Cause | None:
        """The late event by which what starts there, or started there, came to be as it is."""
        starts = [change.says.started_at] if change.says else []
        starts += [alert.started_at] if alert else []
        known = (self._found.causes.get((*pair, start)) for start in starts)
        return next((cause for cause in known if cause is not None), self._found.late.get(pair))

    def save(self) -> list[Revised]:
        Alert.objects.bulk_create([alert for alert, _ in self._new], ROWS_AT_ONCE)
        _update(self._changed.values(), FIELDS)
        _update(self._grown, ("value",))
        self._name_the_new()
        Revision.objects.bulk_create(map(_with_alert, self._revised), ROWS_AT_ONCE)
        heard = somebody_listens()
        for one in self._revised:
            REVISIONS.labels(one.revision.change).inc()
            if not heard:
                continue
            tell(self._rules[one.alert.rule_id], one)
        self._allowance.stop_the_excessive()
        return self._revised

    def _name_the_new(self) -> None:
        for alert, of_alert in self._new:
            for one in of_alert:
                one.alert.pk = alert.pk
            self._revised += of_alert


def _update(alerts: Collection[Alert], names: Sequence[str]) -> None:
    """Writes these fields of records that are there: one statement, ten times as quick as `bulk_update`."""
    if not alerts:
        return
    fields: list[Any] = [Alert._meta.get_field(name) for name in names]
    columns = ", ".join(f"{connection.ops.quote_name(field.column)} = %s" for field in fields)
    rows = [
        [*(field.get_db_prep_save(getattr(alert, field.attname), connection) for field in fields), alert.pk]
        for alert in alerts
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {Alert._meta.db_table} SET {columns} WHERE id = %s", rows)


def _with_alert(one: Revised) -> Revision:
    one.revision.alert_id = one.alert.pk
    return one.revision
