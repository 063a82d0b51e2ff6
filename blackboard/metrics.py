"""What the controller tells Prometheus."""

from prometheus_client import Counter, Gauge

from blackboard.decisions import Facts, RoleName, lives

MOVES = Counter(
    "iot_blackboard_moves_total", "Moves decided, by kind and by whether they were carried out.", ["move", "outcome"]
)
LIVE = Gauge(
    "iot_blackboard_live", "1 while a calculator is live for the shard.", ["shard"], multiprocess_mode="mostrecent"
)
LIVING = Gauge("iot_blackboard_calculators", "Calculators whose lease runs.", ["shard"], multiprocess_mode="mostrecent")


def note(facts: Facts, now: int) -> None:
    for shard in {member.shard for member in facts.members}:
        LIVING.labels(shard).set(sum(lives(member, now) for member in facts.members if member.shard == shard))
        held = any(holding.shard == shard and holding.role is RoleName.LIVE for holding in facts.holdings)
        LIVE.labels(shard).set(held)
