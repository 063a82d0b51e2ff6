"""How fast each token may send: a bucket of events that fills again by the second."""

from dataclasses import dataclass

MAX_REMEMBERED = 100_000


@dataclass(slots=True)
class _Bucket:
    events: float
    at: float


class Pace:
    """At most `events_per_second` on average for each token; 0 is no limit.

    A request may come as long as the bucket is not empty and then takes out all its events: a large batch is let in
    and paid for afterwards, for otherwise it could never come in at all.
    """

    def __init__(self, events_per_second: int) -> None:
        self._rate = events_per_second
        self._buckets: dict[str, _Bucket] = {}

    def wait_s(self, token: str, now: float) -> float:
        """The seconds this token has to wait, 0 when it may send; `now` in seconds."""
        if not self._rate:
            return 0.0
        bucket = self._refilled(token, now)
        return 0.0 if bucket.events > 0 else (1 - bucket.events) / self._rate

    def take(self, token: str, events: int, now: float) -> None:
        if self._rate:
            self._refilled(token, now).events -= events

    def _refilled(self, token: str, now: float) -> _Bucket:
        bucket = self._buckets.get(token)
        if bucket is None:
            self._forget(now)
            bucket = self._buckets[token] = _Bucket(self._rate, now)
        bucket.events = min(self._rate, bucket.events + (now - bucket.at) * self._rate)
        bucket.at = now
        return bucket

    def _forget(self, now: float) -> None:
        """Drops the buckets that are full again: they say nothing that a new one would not say."""
        if len(self._buckets) >= MAX_REMEMBERED:
            self._buckets = {
                token: bucket
                for token, bucket in self._buckets.items()
                if bucket.events + (now - bucket.at) * self._rate < self._rate
            }
