"""Messages of the fleet as JSON lines, one per event, a whole batch at a time. Pure."""

from typing import Any, TypeAlias

import numpy as np
import orjson
import pyarrow
import pyarrow.compute

from events.simulation.chance import Doubles, Wholes, uniform
from events.simulation.roster import CUSTOM_TYPES, KINDS, Roster
from events.simulation.sensors import GARBAGE, NUMBERS, UNITS, Moments, position
from events.simulation.traffic import Messages, Traffic, observed_times

# The type stubs of pyarrow are behind it and refuse most of what its compute functions take.
pa: Any = pyarrow
pc: Any = pyarrow.compute
Texts: TypeAlias = Any

GARBAGE_SHARE, BROKEN_SHARE = 0.0005, 0.0001
SENSORS = tuple(dict.fromkeys(sensor for kind in KINDS for sensor in kind.sensors))
_HAS = np.array([[sensor in kind.sensors for kind in KINDS] for sensor in SENSORS])
_RANK = np.array([[(*kind.sensors, *SENSORS).index(sensor) for kind in KINDS] for sensor in SENSORS])
_CUSTOM = np.array([sensor in {custom["slug"] for custom in CUSTOM_TYPES} for sensor in SENSORS])


def write(traffic: Traffic, found: Messages, *, stamped: bool) -> tuple[Wholes, Texts]:
    """Receive times in milliseconds and lines, one per event, in the order of the messages.

    With `stamped` every line carries its `received_at`, as an import honours it.
    """
    moments = found.moments(traffic.roster)
    heads = _heads(traffic, found, stamped=stamped)
    has = _HAS if traffic.roster.custom else _HAS & ~_CUSTOM[:, None]
    counts = has.sum(axis=0)[moments.kind]
    starts = np.cumsum(counts) - counts
    lines, places = [], []
    for number, sensor in enumerate(SENSORS):
        rows = np.flatnonzero(has[number][moments.kind])
        lines.append(pc.binary_join_element_wise(heads.take(pa.array(rows)), *_payload(sensor, moments.only(rows)), ""))
        places.append(starts[rows] + _RANK[number][moments.kind[rows]])
    order = np.empty(int(counts.sum()), dtype=np.int64)
    order[np.concatenate(places)] = np.arange(len(order))
    received = np.repeat(milliseconds(found.received), counts)
    return received, _broken(traffic.roster, pa.concat_arrays(lines).take(pa.array(order)), received)


def milliseconds(seconds: Doubles) -> Wholes:
    return np.floor(seconds * 1000).astype(np.int64)


def time_texts(times_ms: Wholes) -> Texts:
    """RFC 3339 without the Z at the end."""
    return pc.replace_substring(pa.array(times_ms).cast(pa.timestamp("ms")).cast(pa.string()), " ", "T")


def _heads(traffic: Traffic, found: Messages, *, stamped: bool) -> Texts:
    """Everything of a line that the events of a message share, up to the name of the type."""
    roster = traffic.roster
    devices = pa.array([f'{{"device_id":"{device}","seq":' for device in roster.ids]).take(pa.array(found.device))
    numbers = pa.array(found.number).cast(pa.string())
    named = pa.array(roster.sends_ids[found.device])
    ids = pc.if_else(named, pc.binary_join_element_wise(',"event_id":"m-', numbers, '"', ""), "")
    observed = time_texts(milliseconds(observed_times(traffic, found)))
    parts = [devices, numbers, ids, ',"observed_at":"', observed, 'Z"']
    if stamped:
        parts += [',"received_at":"', time_texts(milliseconds(found.received)), 'Z"']
    return pc.binary_join_element_wise(*parts, ',"event_type":"', "")


def _payload(sensor: str, moments: Moments) -> list[Any]:
    """What follows the head: the name of the type and the payload."""
    if sensor == "location":
        latitude, longitude = position(moments)
        broken = _or_garbage("latitude", latitude, moments)
        return ['location","payload":{"latitude":', broken, ',"longitude":', _numbers(longitude), "}}"]
    unit = f',"unit":{orjson.dumps(UNITS[sensor]).decode()}' if sensor in UNITS else ""
    value = _or_garbage(sensor, NUMBERS[sensor](moments), moments)
    return [f'{sensor}","payload":{{"value":', value, f"{unit}}}}}"]


def _or_garbage(sensor: str, values: Doubles, moments: Moments) -> Texts:
    if moments.roster.faults:
        broken = uniform(moments.roster.seed, moments.device, moments.number, 50) < GARBAGE_SHARE
        values = np.where(broken, GARBAGE[sensor], values)
    return _numbers(values)


def _numbers(values: Doubles) -> Texts:
    return pa.array(values).cast(pa.string())


def _broken(roster: Roster, lines: Texts, received: Wholes) -> Texts:
    """Cuts off a line here and there, as a bad connection does."""
    if not roster.faults:
        return lines
    cut = pa.array(uniform(roster.seed, received, np.arange(len(received)), 51) < BROKEN_SHARE)
    return pc.replace_with_mask(lines, cut, pc.utf8_slice_codeunits(lines.filter(cut), 0, 60))
