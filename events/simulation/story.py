"""One device with a story: it falls silent, has a fever meanwhile, and comes back with all that it held back. Pure.

Whoever watches sees an alert of the silence raised and withdrawn again, the chart heal, and an alert of the fever that
nobody could have raised in time.
"""

from collections.abc import Iterator
from itertools import count

import numpy as np
import orjson
import pyarrow as pa

from events.simulation.chance import Doubles, normal
from events.simulation.fleet import Burst
from events.simulation.writing import milliseconds, time_texts

DEVICE, NAME = "collar-7", "Collar 7, Grenoble"
LATITUDE, LONGITUDE = 45.2121, 5.6912
ACT_S = 300.0
SILENT_S = (15.0, 95.0)
FEVER_S = (42.0, 72.0)
STEP_S, PAST_STEP_S, PLACE_EVERY = 2.0, 10.0, 5
BACK_S, LINK_S = 2.5, 0.2
NORMAL_C, FEVER_C = 38.6, 1.9


def bursts(*, start_s: float, history_s: float, stamped: bool) -> Iterator[Burst]:
    """What the device says from `start_s` (seconds since 1970) on, act by act, in order of arrival, without end.

    Before that comes a quiet past of `history_s` seconds.
    """
    if history_s:
        past = np.arange(start_s - history_s, start_s, PAST_STEP_S)
        yield _burst(past, past + LINK_S, stamped=stamped)
    for act in count():
        yield _act(start_s + act * ACT_S, stamped=stamped)


def _act(start_s: float, *, stamped: bool) -> Burst:
    offsets = np.arange(0.0, ACT_S, STEP_S)
    silent, back = SILENT_S
    kept = (offsets >= silent) & (offsets < back)
    # The whole buffer comes at once, behind the first message that finds the way again.
    received = np.where(kept, back + BACK_S, offsets) + LINK_S
    order = np.argsort(received, kind="stable")
    fever = fever_at(offsets[order])
    return _burst(start_s + offsets[order], start_s + received[order], stamped=stamped, fever=fever)


def fever_at(offsets: Doubles) -> Doubles:
    """How far (°C) it is too warm at so many seconds of an act."""
    rise, fall = (1 / (1 + np.exp(sign * (offsets - at))) for sign, at in zip((-1, 1), FEVER_S, strict=True))
    return np.asarray(FEVER_C * rise * fall, dtype=np.float64)


def _burst(at: Doubles, received: Doubles, *, stamped: bool, fever: Doubles | None = None) -> Burst:
    warm = NORMAL_C + 0.2 * np.sin(at / 700) + 0.03 * normal(7, milliseconds(at), 1)
    values = np.round(warm + (0.0 if fever is None else fever), 2).tolist()
    observed, times = (time_texts(milliseconds(moments)).to_pylist() for moments in (at, received))
    lines: list[str] = []
    arrivals: list[int] = []
    for number, came in enumerate(milliseconds(received).tolist()):
        stamp = {"received_at": f"{times[number]}Z"} if stamped else {}
        head = {"device_id": DEVICE, "observed_at": f"{observed[number]}Z", **stamp}
        lines.append(_line(head, "temperature", {"value": values[number], "unit": "celsius"}))
        if number % PLACE_EVERY == 0:
            lines.append(_line(head, "location", place_at(float(at[number]))))
        arrivals += [came] * (len(lines) - len(arrivals))
    return Burst(np.array(arrivals, dtype=np.int64), pa.array(lines, pa.string()))


def place_at(at_s: float) -> dict[str, float]:
    """It grazes around the same spot."""
    turn = at_s / 400
    return {
        "latitude": round(LATITUDE + 0.0011 * float(np.sin(turn)), 6),
        "longitude": round(LONGITUDE + 0.0017 * float(np.cos(turn * 0.7)), 6),
    }


def _line(head: dict[str, str], event_type: str, payload: dict[str, object] | dict[str, float]) -> str:
    return orjson.dumps({**head, "event_type": event_type, "payload": payload}).decode()
