"""Alerts as the API shows them: rows of a list, and one of them with what people wrote."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from devices.api.fields import written
from events.event import MICRO
from views_engine.alerts.models import Alert, Comment, Revision
from views_engine.api.columns import TIME
from views_engine.api.formats import objects
from views_engine.api.times import iso

_COLUMNS: list[Any] = [
    pa.field("id", pa.int64()),
    pa.field("rule", pa.int64()),
    pa.field("rule_name", pa.utf8()),
    pa.field("device_id", pa.utf8()),
    pa.field("severity", pa.utf8()),
    pa.field("state", pa.utf8()),
    pa.field("started_at", TIME),
    pa.field("raised_at", TIME),
    pa.field("cleared_at", TIME),
    pa.field("value", pa.float64()),
    pa.field("acknowledged_at", TIME),
    pa.field("acknowledged_by", pa.utf8()),
    pa.field("assignee", pa.utf8()),
    pa.field("revision", pa.int64()),
    pa.field("merged_into", pa.int64()),
]
SCHEMA = pa.schema(_COLUMNS)
_TIMES = ("started_at", "raised_at", "cleared_at")


def table(alerts: Iterable[Alert]) -> pa.Table:
    return pa.Table.from_pylist([_row(alert) for alert in alerts], schema=SCHEMA)


def _row(alert: Alert) -> dict[str, Any]:
    return {
        **{name: getattr(alert, name) for name in ("id", "rule_name", "device_id", "severity", "state", "revision")},
        **{name: getattr(alert, name) for name in _TIMES},
        "rule": alert.rule_id,
        "value": _decimal(alert.value),
        "acknowledged_at": _whole_ms(alert.acknowledged_at),
        "acknowledged_by": _name(alert.acknowledged_by),
        "assignee": _name(alert.assignee),
        "merged_into": alert.merged_into_id,
    }


def detail(alert: Alert) -> dict[str, Any]:
    """One alert with its comments, the oldest first."""
    (shown,) = objects(table([alert]))
    return {**shown, "comments": [_comment(one) for one in alert.comments.select_related("author")]}


def _comment(comment: Comment) -> dict[str, Any]:
    return {"id": comment.pk, "author": _name(comment.author), "text": comment.text, "at": written(comment.at)}


def revision(one: Revision) -> dict[str, Any]:
    return {
        "revision": one.revision,
        "at": iso(one.at),
        "epoch": one.epoch,
        "change": one.change,
        "from": _fields(one.before),
        "to": _fields(one.after),
        "cause": one.cause,
    }


def _fields(fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """The fields of one side of a revision; null where there were none."""
    return {name: _shown(name, value) for name, value in fields.items()} or None


def _shown(name: str, value: Any) -> Any:
    if value is None:
        return None
    return iso(value) if name in _TIMES else _decimal(value) if name == "value" else value


def _decimal(micro: int | None) -> float | None:
    return None if micro is None else micro / MICRO


def _whole_ms(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(microsecond=at.microsecond // 1000 * 1000)


def _name(person: Any) -> str | None:
    return None if person is None else str(person.username)
