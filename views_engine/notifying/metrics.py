"""What notifications tell Prometheus."""

from prometheus_client import Counter

ATTEMPTS = Counter(
    "iot_notifying_attempts_total", "Attempts to deliver a notification, by transport and outcome.", ["kind", "outcome"]
)
DEAD = Counter("iot_notifying_dead_total", "Notifications that were given up.", ["kind"])
