"""Questions about the user's own units: their rows, and the devices they had to set aside."""

from views_engine.calculator.parameters import Arguments, Conditions, Parameters, needed
from views_engine.calculator.store import Standing

UNIT_ROW_KEY = ("since", "device_id", "observed_at", "seq", "event_type", "event_id", "timeless", "n")
UNIT_FAULT_KEY = ("device_id",)
LAST = 1 << 62
"""A row still in the making belongs to no event yet: it comes after all others that begin with it."""

_KEY = ", ".join(f"key.{name} AS {name}" for name in ("observed_at", "seq", "event_type", "event_id", "timeless"))
_ROWS = f"""
SELECT unit, device_id, since, body, false AS open, {_KEY}, n FROM fold_outputs
UNION ALL
SELECT unit, device_id, since, body, true, {LAST}, -1, '', '', false, 0 FROM fold_states WHERE body IS NOT NULL
"""


def units(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """No parameters: how many devices each unit has set aside; those that went on with all are left out."""
    return "SELECT unit AS name, count(*) AS faults FROM fold_faults GROUP BY unit ORDER BY unit", {}


def unit_rows(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """unit!, device_ids, from, to, after, limit: the rows of a unit by when they begin; `open` ones may change."""
    where = Conditions()
    where.add("unit = $unit", unit=needed(parameters.unit, "unit"))
    where.devices(parameters)
    where.span("since", parameters)
    where.after(UNIT_ROW_KEY, parameters.after)
    limit = "" if parameters.limit is None else f"LIMIT {parameters.limit}"
    sql = f"""
    SELECT device_id, since, body, open, observed_at, seq, event_type, event_id, timeless, n
    FROM ({_ROWS}) WHERE {where} ORDER BY {", ".join(UNIT_ROW_KEY)} {limit}
    """
    return sql, where.arguments


def unit_faults(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """unit!, device_ids, after, limit: which devices a unit has set aside, at which event, and why."""
    where = Conditions()
    where.add("unit = $unit", unit=needed(parameters.unit, "unit"))
    where.devices(parameters)
    where.after(UNIT_FAULT_KEY, parameters.after)
    limit = "" if parameters.limit is None else f"LIMIT {parameters.limit}"
    sql = f"""
    SELECT device_id, reason, clock AS "at", struct_pack(device_id := device_id, event_type := key.event_type,
           observed_at := key.observed_at, event_id := key.event_id) AS cause
    FROM fold_faults WHERE {where} ORDER BY device_id {limit}
    """
    return sql, where.arguments
