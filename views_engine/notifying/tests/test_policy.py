"""What is told of a change, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from views_engine.notifying.policy import Correction, Policy, is_correction, tone

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FRESH, STALE = NOW - timedelta(seconds=600), NOW - timedelta(seconds=601)
LIMIT_S = 600


@pytest.mark.parametrize(
    ("change", "late", "observed_at", "silent", "note", "notify"),
    [
        ("raised", False, FRESH, "notify", "notify", "notify"),
        ("raised", False, STALE, "note", "note", "note"),
        ("raised", True, FRESH, None, "note", "notify"),
        ("raised", True, STALE, None, "note", "note"),
        ("cleared", False, FRESH, "notify", "notify", "notify"),
        ("cleared", False, STALE, "note", "note", "note"),
        ("cleared", True, FRESH, None, "note", "notify"),
        ("changed", False, FRESH, None, None, None),
        ("changed", True, FRESH, None, "note", "notify"),
        ("changed", True, STALE, None, "note", "notify"),
        ("withdrawn", True, FRESH, None, "note", "notify"),
        ("withdrawn", False, STALE, None, "note", "notify"),
        ("merged", False, FRESH, None, "note", "notify"),
        ("reopened", False, FRESH, None, "note", "notify"),
        ("reopened", True, STALE, None, "note", "note"),
    ],
)
def test_how_a_change_is_told(
    change: str, late: bool, observed_at: datetime, silent: str | None, note: str | None, notify: str | None
) -> None:
    told = [
        tone(Policy(correction, LIMIT_S), change, late=late, observed_at=observed_at, now=NOW)
        for correction in Correction
    ]
    assert told == [silent, note, notify]


def test_without_a_limit_nothing_is_too_old_to_announce() -> None:
    long_ago = NOW - timedelta(days=400)
    assert tone(Policy(), "raised", late=False, observed_at=long_ago, now=NOW) == "notify"


@pytest.mark.parametrize(
    ("change", "late", "corrected"),
    [("raised", False, False), ("raised", True, True), ("changed", False, False), ("withdrawn", False, True)],
)
def test_what_counts_as_a_correction(change: str, late: bool, corrected: bool) -> None:
    assert is_correction(change, late=late) is corrected
