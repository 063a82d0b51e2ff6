"""What a rule keeps of a device that is not at rest."""

from collections.abc import Sequence

import msgspec

from views_engine.rules.interval import Interval


class Run(msgspec.Struct, frozen=True):
    """`value` is the most extreme measure so far. `alert` is there once the run has raised."""

    started_at: int
    value: int | None = None
    alert: Interval | None = None


class Watch(msgspec.Struct, frozen=True):
    """`memory` are the earlier readings that a kind asks for."""

    run: Run | None = None
    memory: Sequence[tuple[int, int]] = ()


State = Watch | None
