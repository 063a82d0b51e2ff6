"""What the reformer tells Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

BATCH_SECONDS = Histogram("iot_reformer_batch_seconds", "How long one batch of the reformer took, commit included.")
EVENTS = Counter("iot_reformer_events_total", "Events of the raw log accounted for.", ["shard"])
LATE = Counter("iot_reformer_late_events_total", "Events that looked late when they were read.", ["shard"])
EPOCH = Gauge("iot_reformer_epoch", "The epoch last marked.", ["shard"], multiprocess_mode="mostrecent")
LAG_EVENTS = Gauge(
    "iot_reformer_lag_events", "Events of the raw log not read yet.", ["shard"], multiprocess_mode="mostrecent"
)
LAG_SECONDS = Gauge(
    "iot_reformer_lag_seconds",
    "Seconds between the receipt of the oldest event of a batch and its commit.",
    ["shard"],
    multiprocess_mode="mostrecent",
)
DEAD_LETTERS = Counter("iot_dead_letters_total", "Events put aside as dead letters.", ["shard", "reason"])
FLOOD = Gauge(
    "iot_dead_letter_flood",
    "1 while more dead letters come in a minute than events.dead_letter_flood_per_minute.",
    ["shard"],
    multiprocess_mode="mostrecent",
)
TROUBLE = Counter("iot_reformer_unavailable_total", "Steps that could not be done and are tried again.", ["shard"])
