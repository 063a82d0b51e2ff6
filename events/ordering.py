"""The order of observation, and which events cannot take part in it. Pure, and a whole batch at a time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from events.records import EVENTS, Fate

DAY_MS = 86_400_000
_ASIDE = EVENTS.get_field_index("aside")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far from the time of its receipt an event may have been observed, in milliseconds.

    `earliest_observed_at` is a moment since 1970; `retention` 0 keeps everything.
    """

    max_clock_ahead: int
    earliest_observed_at: int
    retention: int = 0


def set_aside(batch: pa.RecordBatch, limits: Limits) -> pa.RecordBatch:
    """The same batch with `aside` judged: `future`, `too_old`, or null. A timeless event can only be too old."""
    observed_at, received_at = _numbers(batch, "observed_at"), _numbers(batch, "received_at")
    timed = ~np.asarray(batch.column("timeless").to_numpy(zero_copy_only=False), np.bool_)
    future = timed & (observed_at - received_at > limits.max_clock_ahead)
    too_old = observed_at < limits.earliest_observed_at
    if limits.retention:
        too_old |= timed & (received_at - observed_at > limits.retention)
    fates = np.where(too_old, 1, 0).astype(np.int32)
    indexes = pa.array(fates, pa.int32(), mask=~(future | too_old))
    aside = pa.DictionaryArray.from_arrays(indexes, pa.array([Fate.FUTURE.value, Fate.TOO_OLD.value], pa.utf8()))
    return batch.set_column(_ASIDE, EVENTS.field(_ASIDE), aside)


def in_order(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows by (device_id, order key), text by its bytes; what is equal keeps its order of arrival."""
    if batch.num_rows < 2:
        return batch
    return batch.take(order_of(batch))


def order_of(batch: pa.RecordBatch) -> NDArray[np.int64]:
    """The row numbers of `batch` in the order of (device_id, order key)."""
    devices = _ranks(batch, "device_id")
    observed_at = _numbers(batch, "observed_at")
    order = np.lexsort((observed_at, devices))
    doubtful = _same_as_before(devices[order], observed_at[order])
    if not doubtful.any():
        return order
    return _by_everything(batch, devices, observed_at)


def _by_everything(
    batch: pa.RecordBatch, devices: NDArray[np.int64], observed_at: NDArray[np.int64]
) -> NDArray[np.int64]:
    timeless = np.asarray(batch.column("timeless").to_numpy(zero_copy_only=False), np.bool_)
    keys = (
        timeless,
        _ranks(batch, "event_id"),
        _ranks(batch, "event_type"),
        _numbers(batch, "seq"),
        observed_at,
        devices,
    )
    return np.lexsort(keys)


def _same_as_before(devices: NDArray[np.int64], observed_at: NDArray[np.int64]) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (devices[1:] == devices[:-1]) & (observed_at[1:] == observed_at[:-1])
    return same


def _ranks(batch: pa.RecordBatch, name: str) -> NDArray[np.int64]:
    """For each row the place of its text among all distinct ones, by bytes; Arrow compares UTF-8 so."""
    column = batch.column(name)
    coded: Any = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    words = coded.dictionary
    ranks = np.empty(len(words), np.int64)
    ranks[pc.sort_indices(words).to_numpy()] = np.arange(len(words))
    found: NDArray[np.int64] = ranks[coded.indices.to_numpy()]
    return found


def _numbers(batch: pa.RecordBatch, name: str) -> NDArray[np.int64]:
    return np.asarray(batch.column(name).to_numpy(), np.int64)
