"""Blocks into the raw log: lines of known devices as an import of ours, all others as lines yet to be judged."""

from collections.abc import Callable, Collection, Set
from dataclasses import dataclass, field

from devices.ids import is_device_id
from events.importing.block import Block
from events.log.base import Entry, Log, Topic, shard_of
from events.records import Source, raw_entry

MOST_LINES = 5_000
"""Lines of one record of the raw log."""


@dataclass(slots=True)
class Appended:
    """What came of the files so far. `unknown` are the devices that were not known, `registered` those made."""

    events: int = 0
    unknown: set[str] = field(default_factory=set)
    registered: set[str] = field(default_factory=set)


class Appender:
    """Puts blocks into the raw log, in order of arrival per device.

    `known` says which of some ids are devices; `register` makes devices of them, None leaves unknown ones unknown:
    their events go into the log as coming from nobody we know, and the reformer puts them aside as `unknown_device`,
    where they can be replayed. `clock` gives the receive time of lines that carry none, in milliseconds.
    """

    def __init__(
        self,
        log: Log,
        *,
        clock: Callable[[], int],
        known: Callable[[Collection[str]], Set[str]],
        register: Callable[[Collection[str]], object] | None,
    ) -> None:
        self._log, self._clock, self._known, self._register = log, clock, known, register
        self._vouched: set[str] = set()
        self.done = Appended()

    def append(self, block: Block) -> None:
        """Durable on return, all of it or nothing."""
        self._vouch(block)
        now = self._clock()
        self._log.append(Topic.RAW, [entry for group in self._groups(block) for entry in _entries(*group, now)])
        self.done.events += len(block)

    def _vouch(self, block: Block) -> None:
        """Asks once about every device; a line without a readable device is refused later, whoever brought it."""
        new = {device for device in block.devices if device is not None} - self._vouched - self.done.unknown
        asked = {device for device in new if is_device_id(device)}
        known = set(self._known(asked)) if asked else set()
        if self._register is not None and asked - known:
            self._register(asked - known)
            self.done.registered |= asked - known
            known = asked
        self._vouched |= known
        self.done.unknown |= asked - known

    def _groups(self, block: Block) -> list[tuple[list[bytes], int, Source]]:
        """The lines by shard and source. One shard and only known devices, the usual case, needs no look at lines."""
        if self._log.shards == 1 and self.done.unknown.isdisjoint(block.devices):
            return [(block.lines, 0, Source.IMPORT)]
        groups: dict[tuple[int, Source], list[bytes]] = {}
        for line, device in zip(block.lines, block.devices, strict=True):
            source = Source.DIRECT if device in self.done.unknown else Source.IMPORT
            groups.setdefault((shard_of(device or "", self._log.shards), source), []).append(line)
        return [(lines, shard, source) for (shard, source), lines in groups.items()]


def _entries(lines: list[bytes], shard: int, source: Source, now: int) -> list[Entry]:
    return [
        raw_entry(lines[start : start + MOST_LINES], shard=shard, received_at=now, source=source)
        for start in range(0, len(lines), MOST_LINES)
    ]
