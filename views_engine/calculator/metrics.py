"""What a calculator tells Prometheus."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from views_engine.calculator.store import Standing

STEP_SECONDS = Histogram("iot_calculator_step_seconds", "How long one step of the calculator took, commit included.")
EVENTS = Counter("iot_calculator_events_total", "Events of the ordered log taken in.", ["shard"])
POSITION = Gauge(
    "iot_calculator_position", "The next position of the ordered log.", ["shard"], multiprocess_mode="mostrecent"
)
EPOCH = Gauge("iot_calculator_epoch", "The epoch of the views.", ["shard"], multiprocess_mode="mostrecent")
TETHER_EVENTS = Gauge(
    "iot_calculator_tether_events",
    "Events between the views and the head of the ordered log.",
    ["shard"],
    multiprocess_mode="mostrecent",
)
TETHER_SECONDS = Gauge(
    "iot_calculator_tether_seconds",
    "Seconds between the views and the head of the ordered log.",
    ["shard"],
    multiprocess_mode="mostrecent",
)
FATES = Gauge(
    "iot_events_fate",
    "Events of the raw log by what became of them.",
    ["shard", "fate"],
    multiprocess_mode="mostrecent",
)
QUERY_SECONDS = Histogram("iot_door_query_seconds", "How long a query at the private door took.", ["query"])
SET_ASIDE = Counter("iot_calculator_stores_set_aside_total", "View stores that were damaged and rebuilt from the log.")


def note_fates(shard: int, fates: Iterable[tuple[str, int]]) -> None:
    for fate, count in fates:
        FATES.labels(shard, fate).set(count)


def note(shard: int, standing: Standing, *, events: int) -> None:
    EVENTS.labels(shard).inc(events)
    POSITION.labels(shard).set(standing.position)
    EPOCH.labels(shard).set(standing.epoch)
