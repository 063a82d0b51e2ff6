"""Stretches of devices' histories out of a store: the kept events, and the late ones that are about to join them.

Table `events` has no index, but lies roughly in the order of time: a condition on `observed_at` between constants
spares a query most of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import duckdb
import pyarrow as pa

from views_engine.folds.batch import COLUMNS, ORDER, Batch, Types, columns_for
from views_engine.folds.storage import schema, with_rows

Span = tuple[int, int]
"""From one `observed_at` (ms) to another, both included."""

MOST_RANGES = 8
REACHES_MS: tuple[int | None, ...] = (3_600_000, 86_400_000, 16 * 86_400_000, None)
"""How far from late events their neighbours are looked for, at last everywhere."""

_WANTED = schema(("device_id", pa.utf8()), ("low", pa.int64()), ("high", pa.int64()))
FOREVER = 1 << 62


def of_types(event_types: Types) -> str:
    """SQL condition on event_type; names of types are slugs, but are quoted all the same."""
    if event_types is None:
        return "true"
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in sorted(event_types))
    return f"event_type IN ({names})" if names else "false"


def merged(spans: Iterable[Span], most: int = MOST_RANGES) -> list[Span]:
    """At most so many ranges that contain all the spans, with as little as may be between them."""
    ranges: list[Span] = []
    for low, high in sorted(spans):
        if ranges and low <= ranges[-1][1]:
            ranges[-1] = ranges[-1][0], max(high, ranges[-1][1])
        else:
            ranges.append((low, high))
    while len(ranges) > most:
        gaps = [(later[0] - earlier[1], n) for n, (earlier, later) in enumerate(pairwise(ranges))]
        n = min(gaps)[1]
        ranges[n : n + 2] = [(ranges[n][0], ranges[n + 1][1])]
    return ranges


def stretches(
    db: duckdb.DuckDBPyConnection,
    event_types: Types,
    spans: Mapping[str, Span],
    *,
    kept: bool = True,
    payload: bool = True,
) -> Batch:
    """The events of these devices within their spans: those of relation `due`, with `arrival`, and the kept ones.

    Without `payload` all of them are empty: readings may need theirs, conditions do not.
    """
    _want(db, spans)
    ranges = merged(spans.values()) if kept else []
    columns = columns_for(payload)
    parts = _kept("NULL::BIGINT AS arrival", event_types, ranges, "observed_at BETWEEN low AND high", columns)
    sql = f"""
    SELECT {COLUMNS}, arrival FROM (
        {" UNION ALL ".join([*parts, ""])}
        SELECT {columns}, arrival FROM due JOIN fold_wanted USING (device_id)
        WHERE observed_at BETWEEN low AND high AND {of_types(event_types)}
    ) ORDER BY {ORDER}
    """
    return Batch(db.sql(sql).to_arrow_table())


def widened(db: duckdb.DuckDBPyConnection, event_types: Types, spans: Mapping[str, Span]) -> dict[str, Span]:
    """The spans, each far enough to hold the last event before it and the first after it, where there are such."""
    befores = _edges(db, event_types, {device_id: low for device_id, (low, _) in spans.items()}, back=True)
    newer = _with_newer(db, event_types, spans)
    afters = _edges(db, event_types, {device_id: high for device_id, (_, high) in newer.items()}, back=False)
    return {
        device_id: (befores.get(device_id, low), afters.get(device_id, high))
        for device_id, (low, high) in spans.items()
    }


def _edges(
    db: duckdb.DuckDBPyConnection, event_types: Types, edges: Mapping[str, int], *, back: bool
) -> dict[str, int]:
    """When the nearest event before (after) each device's edge was observed; one at the same time counts, too."""
    found: dict[str, int] = {}
    missing = dict(edges)
    for reach in REACHES_MS:
        if not missing:
            break
        far = FOREVER if reach is None else reach
        spans = {device: (at - far, at) if back else (at, at + far) for device, at in missing.items()}
        found.update(_nearest(db, event_types, spans, back=back))
        missing = {device: at for device, at in missing.items() if device not in found}
    return found


def _nearest(
    db: duckdb.DuckDBPyConnection, event_types: Types, spans: Mapping[str, Span], *, back: bool
) -> dict[str, int]:
    # An event at the very time of the edge may lie on either side of it; the next one off is certain.
    _want(db, spans)
    strictly = "observed_at >= low AND observed_at < high" if back else "observed_at > low AND observed_at <= high"
    parts = _kept("0", event_types, merged(spans.values()), strictly, "device_id, observed_at")
    kept, aggregate = " UNION ALL ".join(parts), "max" if back else "min"
    return dict(db.execute(f"SELECT device_id, {aggregate}(observed_at) FROM ({kept}) GROUP BY device_id").fetchall())


def _with_newer(db: duckdb.DuckDBPyConnection, event_types: Types, spans: Mapping[str, Span]) -> dict[str, Span]:
    """The devices that have a newer event than their span ends with; `latest` knows the kept ones."""
    rows = db.execute(
        f"SELECT device_id, max(key.observed_at) FROM latest JOIN (SELECT DISTINCT device_id FROM due) "
        f"USING (device_id) WHERE {of_types(event_types)} GROUP BY device_id"
    ).fetchall()
    newest = dict(rows)
    return {device_id: span for device_id, span in spans.items() if newest.get(device_id, -FOREVER) > span[1]}


def _want(db: duckdb.DuckDBPyConnection, spans: Mapping[str, Span]) -> None:
    rows = [(device_id, low, high) for device_id, (low, high) in spans.items()]
    with_rows(db, "CREATE OR REPLACE TEMP TABLE fold_wanted AS FROM {rows}", _WANTED, rows)


def _kept(more: str, event_types: Types, ranges: Sequence[Span], where: str, columns: str = COLUMNS) -> list[str]:
    """SQL of kept events of the wanted devices, range by range."""
    return [
        f"""
        SELECT {columns}, {more} FROM events JOIN fold_wanted USING (device_id)
        WHERE observed_at BETWEEN {low} AND {high} AND {where} AND {of_types(event_types)}
        """
        for low, high in ranges
    ]
