"""Where each device's history ended when last looked: a hint at which events are late, never a judgement."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from events.event import OrderKey

MAX_DEVICES = 1_000_000
_NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Lateness:
    """What a batch looks like: events behind their device's head, whether some head was not sure, its newest time."""

    events: int = 0
    devices: set[str] = field(default_factory=set)
    oldest: int | None = None
    unsure: bool = False
    newest: int | None = None


class Heads:
    """The greatest order key seen of each device. In doubt an event is late: a marker too many is harmless.

    Of what came before the first batch only this is known: nothing was observed after `bound` (ms). So a head up to
    there may be too low, one behind it is sure.
    """

    def __init__(self, bound: int | None = None) -> None:
        self._heads: dict[str, OrderKey] = {}
        self._newest = self._bound = _NEVER if bound is None else bound

    def note(self, batch: pa.RecordBatch) -> Lateness:
        """Judges a batch that is in order and has nothing set aside, and moves the heads on."""
        if not batch.num_rows:
            return Lateness()
        column = batch.column("device_id").dictionary_encode()
        names: list[str] = list(map(str, column.dictionary.to_pylist()))
        devices = column.indices.to_numpy()
        lateness = self._lateness(batch, devices, names)
        self._advance(batch, devices, names)
        return lateness

    def _lateness(self, batch: pa.RecordBatch, devices: NDArray[np.int32], names: list[str]) -> Lateness:
        heads = [self._heads.get(name) for name in names]
        ends = np.array([head.observed_at if head else _NEVER for head in heads])[devices]
        observed_at = batch.column("observed_at").to_numpy()
        late = observed_at < ends
        for row in np.flatnonzero(observed_at == ends).tolist():
            head = heads[devices[row]]
            late[row] = head is not None and _key(batch, row) < head
        behind = np.unique(devices[late]).tolist()
        oldest = int(observed_at[late].min()) if behind else None
        unsure = None in heads or bool(((observed_at <= self._bound) & (ends <= self._bound) & ~late).any())
        newest = int(observed_at.max())
        self._newest = max(self._newest, newest)
        return Lateness(int(late.sum()), {names[device] for device in behind}, oldest, unsure, newest)

    def _advance(self, batch: pa.RecordBatch, devices: NDArray[np.int32], names: list[str]) -> None:
        if len(self._heads) + len(names) > MAX_DEVICES:
            self._heads.clear()
            self._bound = self._newest
        lasts = np.append(np.flatnonzero(np.diff(devices)), len(devices) - 1).tolist()
        for row in lasts:
            name, key = names[devices[row]], _key(batch, row)
            known = self._heads.get(name)
            if known is None or key > known:
                self._heads[name] = key


def _key(batch: pa.RecordBatch, row: int) -> OrderKey:
    return OrderKey(
        batch.column("observed_at")[row].as_py(),
        batch.column("seq")[row].as_py(),
        batch.column("event_type")[row].as_py().encode(),
        batch.column("event_id")[row].as_py().encode(),
        batch.column("timeless")[row].as_py(),
    )
