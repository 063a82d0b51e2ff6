"""What a change does to a record: what it is then, and the revisions that tell of it. Nothing is saved here."""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

import msgspec

from views_engine.alerts.matching import Change, Interval, Kind, differences
from views_engine.alerts.models import Alert, Revision, State

Cause = Mapping[str, Any]
"""The identity of a late event and, under `epoch`, the epoch that let it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The named set of events that a round equals, and its clock (ms)."""

    shard: int
    epoch: int
    position: int
    clock: int


@dataclass(frozen=True, slots=True)
class Revised:
    """A revision, and a copy of the alert as it was right after it. Neither has been saved."""

    alert: Alert
    revision: Revision


def made(rule: int, device_id: str, change: Change, at: Moment, cause: Cause | None) -> tuple[Alert, list[Revised]]:
    """A new record. What is over already was raised first, and then cleared: as if somebody had watched it."""
    says = _needed(change.says)
    alert = Alert(
        rule_id=rule,
        device_id=device_id,
        shard=at.shard,
        state=State.OPEN,
        revision=0,
        created_at=at.clock,
        **_open(says),
    )
    after = {"state": State.OPEN.value, **_open(says)}
    if change.split_from is not None:
        after["split_from"] = change.split_from
    revised = [_revised(alert, Kind.RAISED, ({}, after), at, cause)]
    if says.cleared_at is not None:
        before = _says(alert, says)
        revised.append(_revised(alert, Kind.CLEARED, before, at, cause))
    return alert, revised


def revised(alert: Alert, change: Change, at: Moment, cause: Cause | None) -> Iterator[Revised]:
    """Makes an existing record follow; no revision for a value that grew in the ordinary course of an open alert."""
    if change.says is None:
        yield _revised(alert, change.kind, _withdraw(alert, change.into, at), at, cause)
        return
    fields = _says(alert, change.says)
    kind = Kind.CHANGED if change.kind is Kind.GROWN and cause else change.kind
    if kind is not Kind.GROWN:
        yield _revised(alert, kind, fields, at, cause)


def _says(alert: Alert, says: Interval) -> tuple[dict[str, Any], dict[str, Any]]:
    """Lets the record say this; the fields that changed, from what and to what."""
    before, after = differences(alert.says(), says)
    state = State.OPEN if says.cleared_at is None else State.CLEARED
    if alert.state != state:
        before["state"], after["state"] = alert.state, state.value
    for name, value in msgspec.structs.asdict(says).items():
        setattr(alert, name, value)
    alert.state, alert.reach, alert.merged_into_id = state, None, None
    return before, after


def _withdraw(alert: Alert, into: int | None, at: Moment) -> tuple[dict[str, Any], dict[str, Any]]:
    """An open one that is withdrawn reached to the moment at which that was found out."""
    before, after = {"state": alert.state}, {"state": State.WITHDRAWN.value}
    if alert.cleared_at is None:
        alert.reach = max(at.clock, alert.raised_at)
    alert.state, alert.merged_into_id = State.WITHDRAWN, into
    return before, after if into is None else {**after, "merged_into": into}


def _revised(
    alert: Alert, kind: Kind, fields: tuple[dict[str, Any], dict[str, Any]], at: Moment, cause: Cause | None
) -> Revised:
    before, after = fields
    alert.revision += 1
    revision = Revision(
        revision=alert.revision,
        at=at.clock,
        epoch=at.epoch if cause is None else cause.get("epoch", at.epoch),
        change=kind.value,
        before=before,
        after=after,
        cause=None if cause is None else {name: value for name, value in cause.items() if name != "epoch"},
    )
    return Revised(copy(alert), revision)


def _open(says: Interval) -> dict[str, Any]:
    """The fields of a new record, before it is known to be over."""
    return {**msgspec.structs.asdict(says), "cleared_at": None}


def _needed(says: Interval | None) -> Interval:
    if says is None:
        raise ValueError("a new record says something")
    return says
