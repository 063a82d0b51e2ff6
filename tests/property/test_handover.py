"""Heavy repairs are handed over: both calculators always equal the fold of the set of events they name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.records import Source
from tests.property.histories import DEVICES, Event, agreeing, lines, rfc_3339, spelled, timed
from tests.property.replicas import Shard
from tests.property.system import NOON
from tests.property.test_any_way_of_arrival import EXAMPLES, slow
from views_engine.calculator.queries import run

pytestmark = pytest.mark.timeout(60 + 20 * EXAMPLES)

_steps = st.lists(
    st.sampled_from(["a", "a", "b", "promote", "deputy goes", "deputy comes", "restart a", "restart b"]), max_size=6
)
_happenings = st.lists(st.tuples(st.lists(lines(), min_size=1, max_size=8), _steps), max_size=8)
_sizes = st.fixed_dictionaries(
    {"batch_size": st.sampled_from([1, 5, 100_000]), "fold_rows": st.sampled_from([1, 7, 10**6])}
)


def take(shard: Shard, step: str) -> None:
    match step:
        case "a" | "b":
            shard.step("ab".index(step))
            assert shard.replicas["ab".index(step)].differences() == []
        case "promote":
            shard.promote()
        case "deputy goes":
            shard.deputy_goes()
        case "deputy comes":
            shard.deputy_comes()
        case "restart a" | "restart b":
            shard.replicas["ab".index(step[-1])].restart()


def holds(shard: Shard) -> None:
    assert [replica.differences() for replica in shard.replicas] == [[], []]


@slow
@given(happenings=_happenings, sizes=_sizes)
def test_every_version_of_both_equals_the_fold_of_its_events(happenings: list[Any], sizes: dict[str, int]) -> None:
    shard = Shard(**sizes)
    for sent, steps in happenings:
        shard.receive(sent, Source.DOOR)
        for step in steps:
            take(shard, step)
    shard.settle()
    holds(shard)
    standings = [replica.store.standing for replica in shard.replicas]
    assert (standings[0].position, standings[0].epoch) == (standings[1].position, standings[1].epoch)


@slow
@given(events=st.lists(timed(), min_size=4, max_size=25).map(agreeing), cut=st.integers(1, 4), sizes=_sizes)
def test_who_repaired_later_holds_the_same_views(events: list[Event], cut: int, sizes: dict[str, int]) -> None:
    shard = Shard(**sizes)
    for start in range(0, len(events), cut):
        shard.receive([spelled(event, False) for event in events[start : start + cut]], Source.DOOR)
        catch_up(shard)
    shard.settle()
    holds(shard)
    assert shard.replicas[0].digests() == shard.replicas[1].digests()


def catch_up(shard: Shard) -> None:
    for number in range(2):
        while shard.step(number):
            continue


def temperature(seconds: int, value: float) -> bytes:
    moment = rfc_3339(NOON - 60_000 + 1000 * seconds)
    event = {"device_id": DEVICES[0], "event_type": "temperature", "observed_at": moment, "payload": {"value": value}}
    return spelled(event, False)


def heavy(fold_rows: int = 10**6) -> Shard:
    """The live one holds an epoch that the other one has repaired; both have read everything."""
    shard = Shard(batch_size=100_000, fold_rows=fold_rows)
    for seconds in (0, 20, 10, 30):
        shard.receive([temperature(seconds, seconds)], Source.DOOR)
        catch_up(shard)
    return shard


def standing(shard: Shard, number: int) -> tuple[int, int]:
    standing = shard.replicas[number].store.standing
    return standing.epoch, standing.held


def test_the_live_one_serves_its_epoch_on_while_the_other_repairs() -> None:
    shard = heavy()
    assert standing(shard, 0)[1] > 0
    assert standing(shard, 1)[0] >= standing(shard, 0)[1]
    assert shard.replicas[0].store.standing.position == shard.replicas[1].store.standing.position


def test_who_is_no_longer_live_repairs_what_it_held() -> None:
    shard = heavy()
    shard.promote()
    catch_up(shard)
    assert standing(shard, 0) == standing(shard, 1)


def test_without_a_deputy_nothing_is_held() -> None:
    shard = heavy()
    shard.deputy_goes()
    catch_up(shard)
    assert standing(shard, 0) == standing(shard, 1)


def test_what_was_folded_meanwhile_takes_the_late_events_in() -> None:
    shard = heavy(fold_rows=1)
    shard.deputy_goes()
    catch_up(shard)
    holds(shard)


def test_epochs_released_together_keep_their_events_apart() -> None:
    shard = heavy(fold_rows=1)
    for seconds in (5, 6, 40):
        shard.receive([temperature(seconds, seconds)], Source.DOOR)
        catch_up(shard)
    shard.deputy_goes()
    catch_up(shard)
    store = shard.replicas[0].store.connection
    epochs = [row["epoch"] for row in run(store, "epochs", {}).to_pylist()]
    let_in = [run(store, "events", {"epoch": epoch}).column("value").to_pylist() for epoch in sorted(epochs)]
    assert let_in == [[10_000_000], [5_000_000], [6_000_000]]
