"""The limits of the door, as it needs them."""

from typing import Protocol


class Limits(Protocol):
    """What `iotproject.config.Ingest` says of sizes and paces."""

    @property
    def max_events(self) -> int: ...

    @property
    def max_bytes(self) -> int: ...

    @property
    def max_unpacked_bytes(self) -> int: ...

    @property
    def max_depth(self) -> int: ...

    @property
    def events_per_second(self) -> int: ...
