"""A reformer with the real things around it: the log, the database, the clock, the settings."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from blackboard.loop import now_ms
from commandline.base import sentence_of
from devices.registry import get_registry
from events import catalogue, dead_letters
from events.decoding.times import parse_time
from events.log import get_log
from events.log.base import LogUnavailable
from events.ordering import DAY_MS, Limits
from events.reformer.decisions import Decisions
from events.reformer.worker import Reformer, ReformerSettings

P = ParamSpec("P")
R = TypeVar("R")


class Reformers:
    """One reformer for each of several shards, as one worker."""

    def __init__(self, reformers: list[Reformer]) -> None:
        self.reformers = reformers

    def step(self) -> bool:
        found = [reformer.step() for reformer in self.reformers]
        return any(found)

    def close(self) -> None:
        for reformer in self.reformers:
            reformer.close()

    @property
    def trouble(self) -> str:
        return next((reformer.trouble for reformer in self.reformers if reformer.trouble), "")


def reformers(shard: int | None, *, linger: bool = True) -> Reformers:
    """The reformer of this shard, or those of all; without `linger` no event waits for company."""
    log = get_log()
    shards = range(log.shards) if shard is None else [shard]
    decisions = Decisions(now_ms)
    return Reformers([_reformer(each, settings.CONFIG, linger, decisions) for each in shards])


def _reformer(shard: int, config: Any, linger: bool, decisions: Decisions) -> Reformer:
    return Reformer(
        log=get_log(),
        shard=shard,
        clock=now_ms,
        types=_asking(catalogue.event_types),
        known_devices=_asking(get_registry().known),
        dead_letters=_asking(dead_letters.record),
        forget_letters=_asking(dead_letters.forget),
        controls=_asking(decisions.behind),
        settings=reformer_settings(config, linger=linger),
    )


def reformer_settings(config: Any, *, linger: bool = True) -> ReformerSettings:
    return ReformerSettings(
        batch_size=config.reformer.batch_size,
        processing_interval=config.reformer.processing_interval_ms if linger else 0,
        epoch_interval=config.reformer.epoch_interval_ms,
        clock_interval=config.reformer.clock_interval_ms,
        handover_late_events=config.reformer.handover_late_events,
        dead_letter_flood_per_minute=config.events.dead_letter_flood_per_minute,
        max_depth=config.ingest.max_depth,
        limits=limits(config),
    )


def limits(config: Any) -> Limits:
    """What is in the future and what too old; raises ValueError for an `earliest_observed_at` that is no time."""
    return Limits(
        max_clock_ahead=round(config.events.max_clock_ahead_s * 1000),
        earliest_observed_at=parse_time(config.events.earliest_observed_at),
        retention=round(config.events.retention_days * DAY_MS),
    )


def _asking(question: Callable[P, R]) -> Callable[P, R]:
    """The same question, where a database that cannot answer now is asked again later."""

    @wraps(question)
    def ask(*args: P.args, **kwargs: P.kwargs) -> R:
        close_old_connections()
        try:
            return question(*args, **kwargs)
        except DatabaseError as error:
            raise LogUnavailable(sentence_of(error) or "The database does not answer.") from error

    return ask
