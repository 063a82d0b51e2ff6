"""Twenty thousand histories by seed; `make simulate` runs for as long as one likes. SIMULATION_HISTORIES: a quarter."""

import os

import pytest

from tests.simulation import views
from tests.simulation.__main__ import told
from tests.simulation.history import Act, Sent, generate
from tests.simulation.shrink import shrink
from tests.simulation.world import failure

HISTORIES = int(os.environ.get("SIMULATION_HISTORIES", "5000"))


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("turn", range(4))
def test_the_promise_holds_in_every_history(turn: int) -> None:
    for seed in range(1 + turn * HISTORIES, 1 + (turn + 1) * HISTORIES):
        wrong = failure(generate(seed))
        assert not wrong, f"python -m tests.simulation --seed {seed}\n{wrong}"


def test_after_a_restart_a_head_may_lie_beyond_all_that_was_seen_since() -> None:
    """The new reformer saw a late reading first: what came between it and the true head had no marker to wait for."""
    early, late, between = (
        Sent("b", 180_000, 2, "id1", 31),
        Sent("b", 60_000, 2, "id3", 35),
        Sent("b", 120_000, 1, "id1", 29),
    )
    history = (
        Act("send", readings=(early,)),
        Act("reform", who="old"),
        Act("send", readings=(late,)),
        Act("wait", number=60_000),
        Act("reform", who="new"),
        Act("send", readings=(between,)),
    )
    assert not failure(history)


def test_a_seed_is_always_the_same_history() -> None:
    assert generate(7) == generate(7)
    assert generate(7) != generate(8)


def test_a_calculator_that_forgets_late_events_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_let_in", lambda store, marker: store.waiting.clear())
    assert any(failure(generate(seed)) for seed in range(200))


def test_a_failing_history_is_made_small_and_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_let_in", lambda store, marker: store.waiting.clear())
    seed = next(seed for seed in range(200) if failure(generate(seed)))
    small = shrink(generate(seed), lambda part: bool(failure(part)))
    assert failure(small)
    assert all(not failure(small[:n] + small[n + 1 :]) for n in range(len(small)))
    assert told(small).count("send") >= 1


def test_shrinking_leaves_what_is_needed() -> None:
    history = tuple(Act("wait", number=number) for number in range(20))
    needed = {history[3], history[17]}
    assert set(shrink(history, lambda part: needed <= set(part))) == needed
