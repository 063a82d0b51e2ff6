"""What the door counts."""

from prometheus_client import Counter, Histogram

requests = Counter("iot_ingest_requests", "Requests to POST /api/v1/events by status.", ["status"])
accepted = Counter("iot_ingest_events_accepted", "Events that were acknowledged as durable.")
refused = Counter("iot_ingest_events_refused", "Events that were refused at the door, by code.", ["code"])
request_seconds = Histogram(
    "iot_ingest_request_seconds",
    "Seconds from a request's first byte of body to its answer.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
append_seconds = Histogram(
    "iot_ingest_append_seconds",
    "Seconds one durable append to the raw log took.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
