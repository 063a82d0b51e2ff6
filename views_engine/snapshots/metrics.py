"""What snapshots tell Prometheus."""

from prometheus_client import Counter, Gauge

BAD = Counter("iot_snapshots_bad_total", "Snapshots that were found to be bad and are not chosen again.", ["shard"])
RESTORED = Counter("iot_snapshots_restored_total", "View stores that were begun from a snapshot.", ["shard"])
FAILED = Counter("iot_snapshots_failed_total", "Snapshots that could not be taken and are tried again.", ["shard"])
AGE_SECONDS = Gauge(
    "iot_snapshot_age_seconds",
    "Seconds since the newest good snapshot was taken.",
    ["shard"],
    multiprocess_mode="mostrecent",
)
