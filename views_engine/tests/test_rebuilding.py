"""Views are made again when somebody asks for it: by whoever keeps them, and by the command while nobody does."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from commandline.base import Mistake
from views_engine.calculator.rebuild import names
from views_engine.calculator.rebuilder import LOOK_S, MOST_ATTEMPTS, Rebuilder
from views_engine.calculator.store import Store
from views_engine.models import Rebuild
from views_engine.tests.histories import History, event
from views_engine.verify.digest import digests

pytestmark = pytest.mark.django_db


@pytest.fixture
def written() -> History:
    """Three devices on their way, one of them late; some of it folded, some not."""
    history = History(fold_rows=20)
    for number in range(4):
        history.batch(*(event(number * 10 + n, value=n, device=f"d-{n % 3}") for n in range(10)))
        history.batch(*(event(number * 10 + n, where=(n, number), device="car") for n in range(3)))
    history.batch(event(5.5, where=(7, 7), device="car"), event(-4000, value=1)).marker()
    history.ask("ledger")
    return history


def ask(units: list[str]) -> Rebuild:
    return Rebuild.objects.create(calculator="calculator-0", shard=0, units=units)


def spoil(store: Store) -> None:
    """As though an older version of the code had written something else."""
    store.connection.execute("UPDATE rollup_1m SET sum = sum + 1")
    store.connection.execute("DELETE FROM track_1h")


def test_what_is_asked_for_is_made_again_once(written: History) -> None:
    good = digests(written.store.connection)
    spoil(written.store)
    assert digests(written.store.connection) != good
    asked, rebuilder = ask([]), Rebuilder(written.store, "calculator-0", clock=iter(range(100)).__next__)
    assert rebuilder.step()
    assert digests(written.store.connection) == good
    asked.refresh_from_db()
    assert (asked.status, asked.done_events, asked.all_events) == ("done", 54, 54)
    assert not rebuilder.step()


def test_only_the_units_that_were_named(written: History) -> None:
    spoil(written.store)
    spoilt = digests(written.store.connection)
    ask(["track"])
    Rebuilder(written.store, "calculator-0").step()
    found = digests(written.store.connection)
    assert {title for title in found if found[title] != spoilt[title]} == {"track_windows 1h"}


def test_readers_see_the_old_rows_until_it_is_done(written: History) -> None:
    reader, seen = written.store.reader(), []
    spoil(written.store)
    (before,) = reader.execute("SELECT sum(sum) FROM rollup_1m").fetchall()

    def look(*progress: int) -> None:
        seen.extend(reader.execute("SELECT sum(sum) FROM rollup_1m").fetchall())

    from views_engine.calculator.rebuild import rebuild

    rebuild(written.store, ["rollups"], tell=look)
    assert seen == [before]
    assert reader.execute("SELECT sum(sum) FROM rollup_1m").fetchall() != [before]


def test_an_unknown_unit_is_refused_and_nothing_changed(written: History) -> None:
    asked, good = ask(["clouds"]), digests(written.store.connection)
    Rebuilder(written.store, "calculator-0").step()
    asked.refresh_from_db()
    assert asked.status == "failed"
    assert "'clouds'; there are track, rollups" in asked.error
    assert digests(written.store.connection) == good


def test_a_rebuild_that_always_ends_the_process_is_given_up(written: History) -> None:
    asked = ask([])
    Rebuild.objects.update(status="running", attempts=MOST_ATTEMPTS)
    assert not Rebuilder(written.store, "calculator-0").step()
    asked.refresh_from_db()
    assert asked.status == "failed"


def test_it_looks_only_now_and_then(written: History) -> None:
    times = iter([0.0, 0.0, LOOK_S / 2])
    rebuilder = Rebuilder(written.store, "calculator-0", clock=lambda: next(times))
    assert not rebuilder.step()
    ask([])
    assert not rebuilder.step()


def test_the_units_there_are(written: History) -> None:
    assert {"track", "rollups", "latest", "battery"} <= set(names(written.store.connection))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["--shard", "9"], "there is no shard 9"), (["--unit", "clouds"], "there is no unit 'clouds'")],
)
def test_mistakes_at_the_keyboard(arguments: list[str], sentence: str, tmp_path: Any, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "views").mkdir()
    Store.open(tmp_path / "views" / "calculator-0.duckdb").close()
    with pytest.raises(Mistake, match=sentence):
        call_command("rebuild_views", *arguments, stdout=StringIO())
