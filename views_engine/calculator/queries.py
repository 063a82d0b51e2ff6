"""The named questions a store answers. No SQL comes from outside; parameters are checked here.

Numbers in the answers are canonical (whole millionths), times milliseconds since 1970. Every answer is read in one
transaction with the standing, so it equals the fold of exactly that set of events.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import duckdb
import msgspec
import pyarrow as pa

from events.event import NO_SEQ
from views_engine.calculator.store import Standing, read_standing
from views_engine.units import battery, rollups, track
from views_engine.units.base import RESOLUTIONS

Arguments = dict[str, Any]
Question = Callable[["Parameters", Standing], tuple[str, Arguments]]


class BadQuestion(ValueError):
    """A parameter is missing or makes no sense; the message names it."""


class Parameters(msgspec.Struct, forbid_unknown_fields=True, rename={"from_": "from"}):
    """All parameters of all questions; each uses those that its docstring in the table names."""

    device_ids: list[str] | None = None
    event_type: str | None = None
    from_: int | None = None
    to: int | None = None
    order: Literal["asc", "desc"] | None = None
    after: list[Any] | None = None
    limit: Annotated[int, msgspec.Meta(ge=0)] | None = None
    resolution: Literal["1m", "1h", "1d"] | None = None
    epoch: int | None = None
    bucket_ms: Annotated[int, msgspec.Meta(gt=0)] | None = None
    offline_after_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    overrides: dict[str, float] = {}


class Conditions:
    """Collects the WHERE of one question together with its arguments."""

    def __init__(self) -> None:
        self.clauses: list[str] = ["true"]
        self.arguments: Arguments = {}

    def add(self, clause: str, **arguments: Any) -> None:
        """Adds a clause, unless one of its arguments is None."""
        if all(value is not None for value in arguments.values()):
            self.clauses.append(clause)
            self.arguments.update(arguments)

    def span(self, column: str, parameters: Parameters) -> None:
        self.add(f"{column} >= $from", **{"from": parameters.from_})
        self.add(f"{column} < $to", to=parameters.to)

    def devices(self, parameters: Parameters) -> None:
        ids = parameters.device_ids
        if ids is not None and len(ids) == 1:
            self.add("device_id = $device", device=ids[0])
        else:
            self.add("device_id IN (SELECT unnest($devices::VARCHAR[]))", devices=ids)

    def after(self, columns: tuple[str, ...], after: list[Any] | None, *, descending: bool = False) -> None:
        """Only rows behind the one whose sort key was `after`."""
        if after is None:
            return
        if len(after) != len(columns):
            raise BadQuestion(f"after: needs {len(columns)} members ({', '.join(columns)})")
        names = [f"after_{number}" for number in range(len(columns))]
        sign = "<" if descending else ">"
        marks = ", ".join(f"${name}" for name in names)
        # The first comparison alone lets DuckDB skip what lies before; the second is exact.
        self.add(f"{columns[0]} {sign}= ${names[0]}", **{names[0]: after[0]})
        self.clauses.append(f"({', '.join(columns)}) {sign} ({marks})")
        members = (NO_SEQ if member is None else member for member in after)
        self.arguments.update(zip(names, members, strict=True))

    def __str__(self) -> str:
        return " AND ".join(self.clauses)


def needed(value: Any, name: str) -> Any:
    if value is None:
        raise BadQuestion(f"{name}: is required")
    return value


def limited(sql: str, parameters: Parameters) -> str:
    return sql if parameters.limit is None else f"{sql} LIMIT {parameters.limit}"


def without_no_seq(sql: str) -> str:
    """Says null where an event carries no `seq`; the order of the rows was made before."""
    return f"SELECT * REPLACE (nullif(seq, {NO_SEQ}) AS seq) FROM ({sql})"


EVENT_KEY = ("observed_at", "device_id", "seq", "event_type", "event_id", "timeless")


def events(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """device_ids, event_type, from, to, order, after, limit: events by time, device and the rest of the order."""
    descending = parameters.order == "desc"
    where = Conditions()
    where.devices(parameters)
    where.add("event_type = $event_type", event_type=parameters.event_type)
    where.span("observed_at", parameters)
    where.after(EVENT_KEY, parameters.after, descending=descending)
    direction = " DESC" if descending else ""
    order = ", ".join(f"{column}{direction}" for column in EVENT_KEY)
    sql = limited(
        f"""
        SELECT device_id, event_type, event_id, seq, timeless, observed_at, received_at, value, latitude, longitude,
               payload, place, arrival
        FROM events WHERE {where} ORDER BY {order}
        """,
        parameters,
    )
    return without_no_seq(sql), where.arguments


def readings(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """event_type!, device_ids, from, to, after, limit: single readings by device and time."""
    key = ("device_id", "observed_at", "seq", "event_id", "timeless")
    where = Conditions()
    where.devices(parameters)
    where.add("event_type = $event_type", event_type=needed(parameters.event_type, "event_type"))
    where.span("observed_at", parameters)
    where.after(key, parameters.after)
    sql = limited(
        f"""
        SELECT device_id, observed_at, seq, event_id, timeless, value, latitude, longitude, payload, place
        FROM events WHERE {where} AND (value IS NOT NULL OR latitude IS NOT NULL) ORDER BY {", ".join(key)}
        """,
        parameters,
    )
    return without_no_seq(sql), where.arguments


def windows(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """event_type!, resolution!, device_ids, from, to, after, limit: rollups by device and start."""
    where = _window_conditions(parameters)
    where.add("event_type = $event_type", event_type=needed(parameters.event_type, "event_type"))
    parts = rollups.parts(needed(parameters.resolution, "resolution"), standing.folded, str(where))
    return limited(
        f"SELECT device_id, start, {rollups.MERGE} FROM ({parts}) GROUP BY device_id, start ORDER BY device_id, start",
        parameters,
    ), where.arguments


def track_windows(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """resolution!, device_ids, from, to, after, limit: positions and distance by device and start."""
    where = _window_conditions(parameters)
    parts = track.parts(needed(parameters.resolution, "resolution"), standing.folded, str(where))
    return limited(
        f"SELECT device_id, start, {track.MERGE} FROM ({parts}) GROUP BY device_id, start ORDER BY device_id, start",
        parameters,
    ), where.arguments


def _window_conditions(parameters: Parameters) -> Conditions:
    where = Conditions()
    where.devices(parameters)
    where.span("start", parameters)
    where.after(("device_id", "start"), parameters.after)
    return where


def extent(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """event_type, device_ids, from, to: the oldest and newest observation."""
    where = Conditions()
    where.devices(parameters)
    where.add("event_type = $event_type", event_type=parameters.event_type)
    where.span("observed_at", parameters)
    return f"SELECT min(observed_at) AS oldest, max(observed_at) AS newest FROM events WHERE {where}", where.arguments


def latest(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """device_ids, event_type: the newest reading of each device and type."""
    where = Conditions()
    where.devices(parameters)
    where.add("event_type = $event_type", event_type=parameters.event_type)
    return (
        f"""
        SELECT device_id, event_type, key.observed_at AS observed_at, nullif(key.seq, {NO_SEQ}) AS seq,
               key.event_id AS event_id, received_at, value, latitude, longitude, payload
        FROM latest WHERE {where} ORDER BY device_id, event_type
        """,
        where.arguments,
    )


def devices(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """device_ids, after, limit: when each device was last observed and heard of, and how many events it has."""
    where = Conditions()
    where.devices(parameters)
    where.after(("device_id",), parameters.after)
    return limited(
        f"""
        SELECT device_id, (SELECT max(key.observed_at) FROM latest WHERE latest.device_id = devices.device_id)
               AS last_observed_at, last_received_at, events, late_events
        FROM devices WHERE {where} ORDER BY device_id
        """,
        parameters,
    ), where.arguments


def totals(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """offline_after_s!, overrides {device_id: s}: how many devices there are and are online by the log's clock."""
    after = needed(parameters.offline_after_s, "offline_after_s")
    return (
        f"""
        WITH own AS (SELECT unnest($ids::VARCHAR[]) AS device_id, unnest($seconds::DOUBLE[]) AS seconds)
        SELECT count(*) AS devices,
               count(*) FILTER (last_received_at >= {standing.clock} - 1000 * coalesce(seconds, $after)) AS online,
               coalesce(sum(events), 0)::BIGINT AS events, coalesce(sum(late_events), 0)::BIGINT AS late_events,
               (SELECT min(observed_at) FROM events) AS oldest_observed_at,
               (SELECT max(key.observed_at) FROM latest) AS newest_observed_at
        FROM devices LEFT JOIN own USING (device_id)
        """,
        {"ids": list(parameters.overrides), "seconds": list(parameters.overrides.values()), "after": after},
    )


def ledger(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """No parameters: events by fate, and `accounted`, how many raw events this standing has read."""
    return f"FROM fates UNION ALL SELECT 'accounted', {standing.raw_events}", {}


def activity(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """bucket_ms!, from, to: what came in by receive clock."""
    bucket = needed(parameters.bucket_ms, "bucket_ms")
    where = Conditions()
    where.span("clock", parameters)
    return (
        f"""
        SELECT clock - clock % {bucket} AS start, sum(received)::BIGINT AS received, sum(applied)::BIGINT AS applied,
               sum(late)::BIGINT AS late, sum(duplicate)::BIGINT AS duplicate
        FROM activity WHERE {where} GROUP BY start ORDER BY start
        """,
        where.arguments,
    )


def corrections(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """device_ids, epoch, from, to (when corrected), order (desc), after, limit: what numbers changed, and why."""
    descending = parameters.order != "asc"
    where = Conditions()
    where.devices(parameters)
    where.add("epoch = $epoch", epoch=parameters.epoch)
    where.span("clock", parameters)
    where.after(("id",), parameters.after, descending=descending)
    return limited(
        f"""
        SELECT id, device_id, view,
               concat_ws('/', event_type, strftime(epoch_ms(start), '%Y-%m-%dT%H:%M:%S.%gZ')) AS key,
               field, before AS "from", after AS "to", epoch, clock AS "at", cause
        FROM corrections WHERE {where} ORDER BY id {"DESC" if descending else "ASC"}
        """,
        parameters,
    ), where.arguments


def epochs(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """from, to (when), after, limit: the versions of the past, newest first."""
    where = Conditions()
    where.span("clock", parameters)
    where.after(("epoch",), parameters.after, descending=True)
    return limited(
        f"""
        SELECT epoch, clock AS "at", late_events, devices, oldest_observed_at, plan, seconds
        FROM epochs WHERE {where} ORDER BY epoch DESC
        """,
        parameters,
    ), where.arguments


def waiting(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """No parameters: the late events that wait for their epoch marker."""
    return "SELECT device_id, event_type, observed_at, event_id, timeless, arrival FROM waiting ORDER BY arrival", {}


QUESTIONS: Mapping[str, Question] = {
    "events": events,
    "readings": readings,
    "windows": windows,
    "track_windows": track_windows,
    "extent": extent,
    "latest": latest,
    "devices": devices,
    "totals": totals,
    "ledger": ledger,
    "activity": activity,
    "corrections": corrections,
    "epochs": epochs,
    "waiting": waiting,
}

BY_DEVICE = (windows, track_windows, readings)
"""Questions whose rows come device by device."""

DEVICES_AT_FIRST = 8
BATTERY_TRENDS = "battery_trends"
NAMES = (*QUESTIONS, BATTERY_TRENDS)


def read_parameters(parameters: Mapping[str, Any]) -> Parameters:
    try:
        return msgspec.convert(dict(parameters), Parameters)
    except msgspec.ValidationError as error:
        raise BadQuestion(str(error)) from error


def run(connection: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, Any]) -> pa.Table:
    """The answer as a table. Raises KeyError for an unknown question, `BadQuestion` for parameters it cannot use.

    The caller opens a transaction around it where the answer has to carry its version.
    """
    asked = read_parameters(parameters)
    if name == BATTERY_TRENDS:
        return _battery_trends(connection, asked)
    question, standing = QUESTIONS[name], read_standing(connection)
    if question in BY_DEVICE and asked.limit and asked.device_ids is None:
        return _page_by_device(connection, question, asked, standing)
    return _ask(connection, question, asked, standing)


def _ask(
    connection: duckdb.DuckDBPyConnection, question: Question, parameters: Parameters, standing: Standing
) -> pa.Table:
    sql, arguments = question(parameters, standing)
    try:
        answer: pa.Table = connection.sql(sql, params=arguments or None).to_arrow_table()
        return answer
    except (duckdb.ConversionException, duckdb.InvalidInputException) as error:
        raise BadQuestion(str(error)) from error


def _page_by_device(
    connection: duckdb.DuckDBPyConnection, question: Question, parameters: Parameters, standing: Standing
) -> pa.Table:
    """A page that is ordered by device needs the first devices only: few at first, twice as many while it is short."""
    first = parameters.after[0] if parameters.after else ""
    rows = connection.execute("SELECT device_id FROM devices WHERE device_id >= ? ORDER BY 1", [first]).fetchall()
    ids = [device_id for (device_id,) in rows]
    parts: list[pa.Table] = []
    missing, begin, count = parameters.limit or 0, 0, DEVICES_AT_FIRST
    while missing and (begin < len(ids) or not parts):
        some = msgspec.structs.replace(parameters, device_ids=ids[begin : begin + count], limit=missing)
        parts.append(_ask(connection, question, some, standing))
        missing -= parts[-1].num_rows
        begin, count = begin + count, count * 2
    return pa.concat_tables(parts)


_TREND_TYPES: Mapping[str, pa.DataType] = {
    "device_id": pa.utf8(),
    "readings": pa.int64(),
    "percent_per_day": pa.float64(),
    "days_left": pa.float64(),
    "latest": pa.int64(),
}


def _battery_trends(connection: duckdb.DuckDBPyConnection, parameters: Parameters) -> pa.Table:
    rows = battery.trends(connection, parameters.device_ids)
    return pa.Table.from_pylist([row._asdict() for row in rows], schema=pa.schema(_TREND_TYPES))


__all__ = ["NAMES", "RESOLUTIONS", "BadQuestion", "Parameters", "run"]
