"""Where events belong: next, late, seen before; and what becomes of each."""

from views_engine.tests.histories import History, event

DAY = 86_400


def fates(history: History) -> dict[str, int]:
    return {row["fate"]: int(row["count"]) for row in history.ask("ledger") if row["fate"] != "accounted"}


def test_events_ahead_of_their_device_are_applied() -> None:
    assert fates(History().batch(event(0, 20.0), event(60, 21.0))) == {"applied": 2}


def test_an_event_behind_its_device_waits_for_the_marker() -> None:
    history = History().batch(event(60, 21.0)).batch(event(0, 20.0))
    assert fates(history) == {"applied": 1}
    assert [row["arrival"] for row in history.ask("waiting")] == [1]
    assert fates(history.marker()) == {"applied": 1, "applied_late": 1}
    assert history.ask("waiting") == []


def test_lateness_is_judged_by_the_devices_own_head() -> None:
    history = History().batch(event(60, 21.0)).batch(event(0, 20.0, device="collar-2"))
    assert fates(history) == {"applied": 2}


def test_the_same_event_again_is_a_duplicate() -> None:
    history = History().batch(event(0, 20.0), event(60, 21.0)).batch(event(0, 20.0), event(60, 21.0))
    assert fates(history) == {"applied": 2, "duplicate": 2}


def test_the_same_event_twice_in_one_batch_is_a_duplicate() -> None:
    assert fates(History().batch(event(0, 20.0), event(0, 20.0))) == {"applied": 1, "duplicate": 1}


def test_of_conflicting_events_the_first_in_the_raw_log_wins() -> None:
    history = History().batch(event(0, 20.0, event_id="a"), event(0, 25.0, event_id="a"))
    assert fates(history) == {"applied": 1, "conflict": 1}
    assert history.ask("events")[0]["value"] == 20_000_000


def test_another_seq_on_the_newest_event_is_a_conflict_though_it_sorts_behind_it() -> None:
    history = History().batch(event(0, 20.0, event_id="a", seq=5)).batch(event(0, 20.0, event_id="a", seq=6))
    assert fates(history) == {"applied": 1, "conflict": 1}


def test_a_duplicate_of_a_waiting_event_is_seen() -> None:
    history = History().batch(event(60, 21.0)).batch(event(0, 20.0)).batch(event(0, 20.0)).marker()
    assert fates(history) == {"applied": 1, "applied_late": 1, "duplicate": 1}


def test_a_tie_in_time_goes_by_the_rest_of_the_order() -> None:
    history = (
        History().batch(event(0, 20.0, event_id="m")).batch(event(0, 21.0, event_id="z"), event(0, 19.0, event_id="a"))
    )
    assert fates(history) == {"applied": 2}
    assert [row["event_id"] for row in history.marker().ask("events")] == ["a", "m", "z"]


def test_an_id_without_a_time_names_the_same_event_for_a_day() -> None:
    first = event(0, 20.0, event_id="a", timeless=True)
    within = event(DAY, 20.0, event_id="a", timeless=True)
    after = event(DAY + 1, 20.0, event_id="a", timeless=True)
    assert fates(History().batch(first).batch(within).batch(after)) == {"applied": 2, "duplicate": 1}


def test_an_id_without_a_time_is_seen_again_within_its_batch() -> None:
    again = [event(at, 20.0, event_id="a", timeless=True) for at in (0, 1, 2)]
    other = event(3, 30.0, event_id="a", timeless=True)
    assert fates(History().batch(*again, other)) == {"applied": 1, "duplicate": 2, "conflict": 1}


def test_with_and_without_a_time_are_never_the_same_event() -> None:
    history = History().batch(event(0, 20.0, event_id="a")).batch(event(0, 20.0, event_id="a", timeless=True))
    assert fates(history) == {"applied": 2}


def test_events_set_aside_are_counted_and_a_sign_of_life_and_nothing_else() -> None:
    history = History().batch(event(0, 20.0), aside="future")
    assert fates(history) == {"future": 1}
    assert history.ask("events") == []
    assert history.ask("devices")[0]["last_observed_at"] is None
    assert history.ask("totals", offline_after_s=900)[0]["online"] == 1
