"""The database side: alert records and what was told of them, written in one transaction under the live fence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from tests.simulation.views import Store
from views_engine.alerts.matching import Change, Interval, Kind, Known, match


@dataclass(slots=True)
class Record:
    """One alert as people see it; `told` are the revisions that were announced."""

    known: Known
    device: str
    revisions: list[Kind] = field(default_factory=list)
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """What a mirror has read and is about to write: intervals by device at a version."""

    version: tuple[int, int]
    clock: int
    intervals: Mapping[str, Sequence[Interval]]


class Database:
    """`holds` says whether a fence is still the live one's; it is asked inside the transaction."""

    def __init__(self, holds: Callable[[int], bool]) -> None:
        self.holds = holds
        self.standing = (0, 0)
        self.records: list[Record] = []
        self.told: list[tuple[int, int]] = []
        self.fences: list[int] = []

    def write(self, round_: Round, fence: int) -> bool:
        """All of a round or nothing of it; False when it is not this calculator's to write, or nothing new."""
        epoch, position = self.standing
        if not self.holds(fence) or round_.version[0] < epoch or round_.version[1] < position:
            return False
        for device, intervals in round_.intervals.items():
            self._follow(device, intervals, round_.clock)
        self.standing = round_.version
        self.fences.append(fence)
        return True

    def of(self, device: str) -> list[Record]:
        return [record for record in self.records if record.device == device]

    def _follow(self, device: str, intervals: Sequence[Interval], clock: int) -> None:
        for change in match([record.known for record in self.of(device)], intervals):
            self._change(device, change, clock)

    def _change(self, device: str, change: Change, clock: int) -> None:
        if change.record is None:
            assert change.says is not None
            record = Record(Known(id=len(self.records), says=change.says), device)
            self.records.append(record)
        else:
            record = self.records[change.record]
            record.known = _changed(record.known, change, clock)
        if change.kind is not Kind.GROWN:
            record.revisions.append(change.kind)
            self.told.append((record.known.id, len(record.revisions)))


def _changed(known: Known, change: Change, clock: int) -> Known:
    if change.kind in (Kind.WITHDRAWN, Kind.MERGED):
        return replace(known, withdrawn=True, reach=clock if known.says.cleared_at is None else None)
    assert change.says is not None
    return replace(known, says=change.says, withdrawn=False, reach=None)


def read_round(store: Store, since: tuple[int, int]) -> Round:
    """The intervals of every device that was touched since that version."""
    epoch, position = since
    devices = [name for name, (at, step) in store.touched.items() if at > epoch or step >= position]
    return Round(store.version, store.clock, {device: intervals_of(store, device) for device in devices})


def intervals_of(store: Store, device: str) -> list[Interval]:
    rows = store.rows().get(("rule:1", device), [])
    return [_interval(body) for _, (_, body) in rows]


def _interval(body: Mapping[str, object]) -> Interval:
    names = ("started_at", "raised_at", "cleared_at", "value", "severity", "rule_name")
    return Interval(**{name: body[name] for name in names})  # type: ignore[arg-type]
