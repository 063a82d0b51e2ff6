"""What the charts need beside the public API: activity by receive time, and which points came late. JSON, GET only.

Both are shaped for drawing (columns, milliseconds) and belong to the pages: clients should use `/api/v1/`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from devices.roles import role_of
from views_engine.reading import Unavailable, get_reader
from views_engine.reading.merging import Order

MAX_BUCKETS = 2_000
MAX_LATE_POINTS = 2_000
COUNTS = ("received", "applied", "late", "duplicate")
BY_TIME = Order(("device_id", "observed_at", "seq", "event_id", "timeless"))

Answers = Callable[..., dict[str, Any]]


def chart_data(answers: Answers) -> Callable[..., HttpResponse]:
    """The answer as JSON to people with a role; 400, 403 and 503 as problem+json."""

    @require_safe
    @wraps(answers)
    def page(request: HttpRequest, **names: Any) -> HttpResponse:
        if role_of(request.user) is None:
            return problem(403, "Only people who are signed in and have a role may see this.")
        try:
            return JsonResponse(answers(request.GET, **names), headers={"Cache-Control": "no-store"})
        except Unavailable as error:
            return problem(503, error.reason, {"Retry-After": str(error.retry_after_s)})
        except ValueError as error:
            return problem(400, str(error))

    return page


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
    body = {"type": "about:blank", "title": detail, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json", headers=headers)


@chart_data
def activity(query: Mapping[str, str]) -> dict[str, Any]:
    """Events per bucket of receive time: `{"bucket_ms", "clock", "start": [...], "received": [...], "late": [...]}`."""
    start, end, bucket = (_whole(query, name) for name in ("from", "to", "bucket_ms"))
    if not bucket >= 100 or not start < end or (end - start) // bucket > MAX_BUCKETS:
        raise ValueError("from, to and bucket_ms must make between 1 and 2,000 buckets.")
    totals: dict[str, Counter[int]] = {name: Counter() for name in COUNTS}
    answers = get_reader().query("activity", {"from": start, "to": end, "bucket_ms": bucket})
    for row in (row for answer in answers for row in answer.rows):
        for name in COUNTS:
            totals[name][row["start"]] += row[name]
    starts = sorted(totals["received"])
    columns = {name: [totals[name][at] for at in starts] for name in COUNTS}
    return {"bucket_ms": bucket, "clock": max(answer.clock for answer in answers), "start": starts, **columns}


@chart_data
def late(query: Mapping[str, str], device_id: str) -> dict[str, Any]:
    """The newest late readings of a device and type: `{"observed_at": [ms...], "value": [number...], "count"}`."""
    event_type = query.get("event_type") or ""
    if not event_type:
        raise ValueError("event_type is missing.")
    params = {
        "event_type": event_type,
        "device_ids": [device_id],
        "from": _whole(query, "from"),
        "to": _whole(query, "to"),
    }
    points = list(_late_points(params))
    newest = points[-MAX_LATE_POINTS:]
    return {"count": len(points), "observed_at": [at for at, _ in newest], "value": [value for _, value in newest]}


def _late_points(params: Mapping[str, Any]) -> Iterator[tuple[int, float]]:
    stream = get_reader().stream("readings", params, BY_TIME)
    try:
        for batch in stream.batches:
            rows = batch.select(["observed_at", "value", "place"]).to_pydict()
            for at, value, place in zip(rows["observed_at"], rows["value"], rows["place"], strict=True):
                if place == "late" and value is not None:
                    yield at, value / 10**6
    finally:
        stream.close()


def _whole(query: Mapping[str, str], name: str) -> int:
    try:
        return int(query[name])
    except (KeyError, ValueError):
        raise ValueError(f"{name} must be whole milliseconds since 1970.") from None
