"""Questions about alerts, answered in Python: rows of the view, and what changed for the mirror."""

from collections.abc import Iterable
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from events.controls import RuleVersion
from views_engine.calculator.alert_intervals import Place, Wanted, intervals, place_of, touched
from views_engine.calculator.backtest import trial
from views_engine.calculator.parameters import BadQuestion, Parameters, needed
from views_engine.rules.interval import Interval

MOST_ALERTS = 10_000
"""So many alerts a rule may have in a back-test for which nobody says how many."""

_FIELDS: Any = [
    ("started_at", pa.int64()),
    ("device_id", pa.utf8()),
    ("rule", pa.int64()),
    ("severity", pa.utf8()),
    ("rule_name", pa.utf8()),
    ("rule_version", pa.int64()),
    ("raised_at", pa.int64()),
    ("cleared_at", pa.int64()),
    ("value", pa.int64()),
]
SCHEMA = pa.schema(_FIELDS)
_TOUCHED = SCHEMA.append(pa.field("by_clock", pa.bool_()))


def alert_intervals(db: duckdb.DuckDBPyConnection, parameters: Parameters) -> pa.Table:
    """rules, device_ids, from, to, state, after, limit: intervals that overlap a time, by start, device and rule."""
    state = parameters.state
    wanted = Wanted(
        rules=parameters.rules,
        device_ids=parameters.device_ids,
        since=parameters.from_,
        until=parameters.to,
        is_open=None if state is None else state == "open",
        after=_place(parameters.after),
        limit=parameters.limit,
    )
    return table_of(intervals(db, wanted))


def alert_touched(db: duckdb.DuckDBPyConnection, parameters: Parameters) -> pa.Table:
    """epoch!, position!: all intervals of every rule and device touched since, one row without times where there are
    none; and, marked `by_clock`, of the others those that begin or end by the clock alone.
    """
    found = touched(db, needed(parameters.epoch, "epoch"), needed(parameters.position, "position"))
    rows = list[dict[str, Any]]()
    for (rule, device_id), own in found.pairs.items():
        rows += map(msgspec.structs.asdict, own) if own else [{"rule": rule, "device_id": device_id}]
    for pair in found.by_clock.keys() - found.pairs.keys():
        rows += ({**msgspec.structs.asdict(one), "by_clock": True} for one in found.by_clock[pair])
    return pa.Table.from_pylist(rows, schema=_TOUCHED)


def backtest(db: duckdb.DuckDBPyConnection, parameters: Parameters) -> pa.Table:
    """rule!, from!, to!, limit: what this version of a rule would have said, recorded nowhere; at most `limit` rows."""
    try:
        version = msgspec.convert({"rule": 0, "version": 1, **needed(parameters.rule, "rule")}, RuleVersion)
    except msgspec.ValidationError as error:
        raise BadQuestion(f"rule: {error}") from error
    since, until = needed(parameters.from_, "from"), needed(parameters.to, "to")
    limit = MOST_ALERTS if parameters.limit is None else parameters.limit
    return table_of(sorted(trial(db, version, since, until, limit), key=place_of))


def table_of(found: Iterable[Interval]) -> pa.Table:
    return pa.Table.from_pylist([msgspec.structs.asdict(one) for one in found], schema=SCHEMA)


def _place(after: list[Any] | None) -> Place | None:
    if after is None:
        return None
    try:
        started_at, device_id, rule = msgspec.convert(after, Place)
    except msgspec.ValidationError as error:
        raise BadQuestion(f"after: needs 3 members (started_at, device_id, rule): {error}") from error
    return started_at, device_id, rule
