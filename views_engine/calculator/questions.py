"""The named questions a store answers, as SQL. No SQL comes from outside.

Numbers in the answers are canonical (whole millionths), times milliseconds since 1970. Each question says first which
parameters it uses; `!` marks those it needs.
"""

from collections.abc import Callable, Mapping

from events.event import NO_SEQ
from views_engine.calculator import fold_questions
from views_engine.calculator.parameters import Arguments, Conditions, Parameters, needed
from views_engine.calculator.store import Standing
from views_engine.units import rollups, track

Question = Callable[[Parameters, Standing], tuple[str, Arguments]]


def limited(sql: str, parameters: Parameters) -> str:
    return sql if parameters.limit is None else f"{sql} LIMIT {parameters.limit}"


def without_no_seq(sql: str) -> str:
    """Says null where an event carries no `seq`; the order of the rows was made before."""
    return f"SELECT * REPLACE (nullif(seq, {NO_SEQ}) AS seq) FROM ({sql})"


EVENT_KEY = ("observed_at", "device_id", "seq", "event_type", "event_id", "timeless")


# Several markers that were held may have been released at one step; what each let in arrived in one stretch.
LET_IN = """
place = 'late' AND step IN (SELECT step FROM epochs WHERE epoch = $epoch)
AND arrival >= (SELECT first_arrival FROM epochs WHERE epoch = $epoch)
AND arrival <= (SELECT last_arrival FROM epochs WHERE epoch = $epoch)
"""


def events(parameters: Parameters, standing: Standing) -> tuple[str, Arguments]:
    """device_ids, event_type, epoch (late events it let in), from, to, order, after, limit: events by time, device
    and the rest of the order."""
    descending = parameters.order == "desc"
    where = Conditions()
    where.devices(parameters)
    where.add("event_type = $event_type", event_type=parameters.event_type)
    where.add(LET_IN, epoch=parameters.epoch)
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
    """epoch, from, to (when), after, limit: the versions of the past, newest first."""
    where = Conditions()
    where.add("epoch = $epoch", epoch=parameters.epoch)
    where.span("clock", parameters)
    where.after(("epoch",), parameters.after, descending=True)
    return limited(
        f"""
        SELECT epoch, clock AS "at", late_events, devices, oldest_observed_at, plan, seconds, corrections
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
    "units": fold_questions.units,
    "unit_rows": fold_questions.unit_rows,
    "unit_faults": fold_questions.unit_faults,
}

BY_DEVICE = (windows, track_windows, readings)
"""Questions whose rows come device by device."""
