"""The reformer: a worker that turns one shard of the raw log into the same shard of the ordered log."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import msgspec
import structlog

from commandline.crash_points import crash_point
from events.controls import Control
from events.event_types import EventTypes
from events.letter import Letter
from events.log.base import Head, Log, LogUnavailable, Record, Topic
from events.ordering import Limits
from events.reformer import metrics
from events.reformer.batches import ARROW, Batches
from events.reformer.flood import Flood
from events.reformer.heads import Lateness
from events.reformer.intake import Rules
from events.reformer.output import Output
from events.reformer.state import State

log = structlog.get_logger(__name__)

GROUP = "reformer"
EARLIEST_MS = 946_684_800_000
REST_MS = 1000
MAX_RECORDS = 20_000
ASK_MS = 100
"""What people decided is asked for once in so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReformerSettings:
    """Times are milliseconds. A step waits `processing_interval` after the last one for company, 0: not at all."""

    batch_size: int = 100_000
    processing_interval: int = 0
    epoch_interval: int = 1000
    clock_interval: int = 1000
    handover_late_events: int = 50_000
    dead_letter_flood_per_minute: int = 1000
    max_depth: int = 32
    limits: Limits = field(default_factory=lambda: Limits(max_clock_ahead=300_000, earliest_observed_at=EARLIEST_MS))


class Reformer:
    """`clock` gives milliseconds since 1970, `types` the event types of this moment, `known_devices` those that exist.

    `dead_letters` keeps letters; the same letter (shard and arrival) again must change nothing. `forget_letters` is
    given an arrival before reading starts or starts again: letters from there on belong to a step that was never
    committed. `controls` is given the shard and a number: the next decisions behind it, in their order, not all of
    them if they are many. Whatever these raise as LogUnavailable is tried again, everything else stops the process.

    Raises Fenced when another process has taken over the shard.
    """

    def __init__(  # noqa: PLR0913
        self,
        *,
        log: Log,
        shard: int,
        clock: Callable[[], int],
        types: Callable[[], EventTypes],
        known_devices: Callable[[set[str]], Collection[str]],
        dead_letters: Callable[[list[Letter]], None],
        settings: ReformerSettings | None = None,
        forget_letters: Callable[[int, int], None] = lambda shard, arrival: None,
        batches: Batches = ARROW,
        controls: Callable[[int, int], Sequence[Control]] = lambda shard, number: (),
    ) -> None:
        self.log, self.shard, self.clock = log, shard, clock
        self.types, self.known_devices = types, known_devices
        self.dead_letters, self.forget_letters, self.controls = dead_letters, forget_letters, controls
        self.batches = batches
        self.settings = settings or ReformerSettings()
        self.trouble = ""
        self._flood = Flood(self.settings.dead_letter_flood_per_minute)
        self._claimed = self._ready = False
        self._position, self._state, self._heads = 0, State(), batches.heads(None)
        self._late_devices: set[str] = set()
        self._trouble_at = self._took_at = self._spoke_at = self._asked_at = 0

    def step(self) -> bool:
        """Takes in what the raw log has; says whether there was anything. Alone it may also emit marker and clock."""
        now = self.clock()
        if self.trouble and 0 <= now - self._trouble_at < REST_MS:
            return False
        try:
            return self._step(now)
        except LogUnavailable as error:
            self._rest(str(error), now)
            return False

    def flush(self) -> None:
        """Emits the marker that late events wait for, without waiting for the interval."""
        if self._ready and self._state.waiting:
            self._put_out(self._marked(self._output(self._state), self.clock()))

    def close(self) -> None:
        """Lets nothing wait for a marker that nobody would write."""
        try:
            self.flush()
        except LogUnavailable as error:
            log.error("late events wait for the next start", shard=self.shard, reason=str(error))

    def _step(self, now: int) -> bool:
        if not self._ready:
            self._resume()
        head = self.log.head(Topic.RAW, self.shard)
        metrics.LAG_EVENTS.labels(self.shard).set(head.events - self._state.raw_events)
        records = self._read(head, now)
        if records:
            with metrics.BATCH_SECONDS.time():
                self._take(records, head, now)
        found = bool(records) or self._idle(now)
        self.trouble = ""
        return found

    def _resume(self) -> None:
        """Starts, or starts again, from what is committed; which heads were known before no longer counts."""
        found = self.log.committed(GROUP, self.shard) if self._claimed else self.log.claim(GROUP, self.shard)
        self._claimed = True
        self._position, self._state = found.position, State.read(found.state)
        self._heads, self._late_devices = self.batches.heads(self._state.bound), set()
        self.forget_letters(self.shard, self._state.raw_events)
        self._asked_at = 0
        self._ready = True

    def _rest(self, reason: str, now: int) -> None:
        self.trouble, self._trouble_at, self._ready = reason, now, False
        metrics.TROUBLE.labels(self.shard).inc()
        log.error("cannot go on, trying again", shard=self.shard, reason=reason, rest_ms=REST_MS)

    def _read(self, head: Head, now: int) -> list[Record]:
        """What there is to take, unless it is little and may still wait for company."""
        if head.position <= self._position:
            return []
        size, waiting = self.settings.batch_size, head.events - self._state.raw_events
        if waiting < size and 0 <= now - self._took_at < self.settings.processing_interval:
            return []
        return self.log.read(Topic.RAW, self.shard, self._position, max_records=MAX_RECORDS, max_events=size)

    def _take(self, records: Sequence[Record], head: Head, now: int) -> None:
        intake = self.batches.take_in(records, shard=self.shard, rules=self._rules())
        crash_point("reformer.before_letters")
        # 1. Letters first: the same ones again change nothing, a position without its letters would lose them.
        self._put_aside(intake.letters, now)
        crash_point("reformer.after_letters")
        # 2. Outputs, state and position, in one transaction: what was decided meanwhile holds for this batch.
        at = _receive_clock(records, head, now)
        output = self._output(self._state).with_controls(self._decided(now), at=at)
        self._position = records[-1].position + 1
        raw_events = records[-1].first_event + records[-1].events
        state = self._with_late(output.state, self._heads.note(intake.in_time()))
        output = output.read_on(self._position, msgspec.structs.replace(state, raw_events=raw_events))
        output = output.with_batch(intake.batch, intake.fates, at=at, entry=self.batches.entry)
        self._put_out(self._marked(output, now) if state.marker_due(now, self.settings.epoch_interval) else output)
        self._took_at = self._spoke_at = now
        metrics.EVENTS.labels(self.shard).inc(raw_events - records[0].first_event)
        metrics.LAG_SECONDS.labels(self.shard).set((self.clock() - records[0].timestamp) / 1000)

    def _idle(self, now: int) -> bool:
        """Nothing to take: decisions go out at once, a marker when it has waited long enough, or else the clock from
        time to time. Says whether there were decisions."""
        self._watch_for_flood(0, now)
        decided = self._decided(now)
        if decided:
            self._put_out(self._output(self._state).with_controls(decided, at=now))
            self._spoke_at = now
        elif self._state.marker_due(now, self.settings.epoch_interval):
            self._put_out(self._marked(self._output(self._state), now))
            self._spoke_at = now
        elif not 0 <= now - self._spoke_at < self.settings.clock_interval:
            self._put_out(self._output(self._state).with_clock(at=now))
            self._spoke_at = now
        return bool(decided)

    def _decided(self, now: int) -> Sequence[Control]:
        """The next decisions, unless they were asked for just now. As many as there are may still follow them."""
        if 0 <= now - self._asked_at < ASK_MS:
            return ()
        found = self.controls(self.shard, self._state.controls)
        self._asked_at = 0 if found else now
        return found

    def _rules(self) -> Rules:
        return Rules(
            types=self.types(),
            known_devices=self.known_devices,
            limits=self.settings.limits,
            max_depth=self.settings.max_depth,
        )

    def _put_aside(self, letters: list[Letter], now: int) -> None:
        if letters:
            self.dead_letters(letters)
        for letter in letters:
            metrics.DEAD_LETTERS.labels(self.shard, letter.reason).inc(letter.events)
        self._watch_for_flood(len(letters), now)

    def _watch_for_flood(self, letters: int, now: int) -> None:
        if self._flood.note(letters, now):
            log.error("dead letters come in a flood", shard=self.shard, more_per_minute_than=self._flood.limit)
        metrics.FLOOD.labels(self.shard).set(self._flood.high)

    def _with_late(self, state: State, late: Lateness) -> State:
        new = late.devices - self._late_devices
        self._late_devices |= new
        metrics.LATE.labels(self.shard).inc(late.events)
        return state.with_late(
            events=late.events, new_devices=len(new), oldest=late.oldest, unsure=late.unsure, newest=late.newest
        )

    def _output(self, state: State) -> Output:
        return Output(shard=self.shard, position=self._position, state=state)

    def _marked(self, output: Output, now: int) -> Output:
        self._late_devices = set()
        return output.with_marker(now=now, handover_late_events=self.settings.handover_late_events)

    def _put_out(self, output: Output) -> None:
        with self.log.transaction(GROUP, self.shard) as transaction:
            transaction.append(Topic.ORDERED, output.entries)
            transaction.commit(output.position, output.state.text())
        crash_point("reformer.after_commit")
        self._state = output.state
        metrics.EPOCH.labels(self.shard).set(self._state.epoch)


def _receive_clock(records: Sequence[Record], head: Head, now: int) -> int:
    """Now, when everything is read; while behind, the receipt of the newest event read: nobody is offline whose
    events merely wait in the raw log."""
    if records[-1].position + 1 >= head.position:
        return now
    return min(now, max(record.timestamp for record in records))
