"""What the reformer commits beside its position."""

import msgspec

FOREVER = 2**63 - 1


class State(msgspec.Struct, frozen=True):
    """Times are milliseconds. `late`, `devices` and `oldest` tell of the late events that wait for their marker.

    `unsure` is set while events of devices are waiting whose heads were not known: they may be late or not. `clock` is
    the receive clock last written, `raw_events` the number of raw events accounted for, `controls` the number of the
    control written last, `newest` the greatest `observed_at` taken in.
    """

    epoch: int = 0
    late: int = 0
    devices: int = 0
    oldest: int | None = None
    unsure: bool = False
    marker_at: int = 0
    clock: int = 0
    raw_events: int = 0
    newest: int | None = None
    controls: int = 0

    @property
    def waiting(self) -> bool:
        return self.late > 0 or self.unsure

    @property
    def bound(self) -> int | None:
        """Nothing taken in was observed after this; None where nothing was. An older state does not know."""
        return self.newest if self.newest is not None or not self.raw_events else FOREVER

    @classmethod
    def read(cls, text: str) -> "State":
        return msgspec.json.decode(text, type=cls) if text else cls()

    def marker_due(self, now: int, interval: int) -> bool:
        """Whether late events wait and no marker went out within `interval`; a clock set back makes nobody wait."""
        return self.waiting and not 0 <= now - self.marker_at < interval

    def with_late(
        self, *, events: int, new_devices: int, oldest: int | None, unsure: bool, newest: int | None = None
    ) -> "State":
        """And so many late events more, of devices that had none waiting."""
        known = [time for time in (self.oldest, oldest) if time is not None]
        return msgspec.structs.replace(
            self,
            late=self.late + events,
            devices=self.devices + new_devices,
            oldest=min(known) if known else None,
            unsure=self.unsure or unsure,
            newest=max((time for time in (self.newest, newest) if time is not None), default=None),
        )

    def text(self) -> str:
        return msgspec.json.encode(self).decode()
