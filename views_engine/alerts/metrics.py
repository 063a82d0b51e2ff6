"""What is measured of alert records."""

from prometheus_client import Counter, Histogram

REVISIONS = Counter("iot_alert_revisions", "Revisions of alert records, by what changed.", ["change"])
ROUND_SECONDS = Histogram("iot_mirror_round_seconds", "How long a round of the mirror took that changed records.")
RULES_STOPPED = Counter("iot_rules_stopped", "Rules that were stopped because they raised too many alerts.")
