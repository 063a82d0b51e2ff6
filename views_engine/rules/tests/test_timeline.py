"""Who is judged by what and when, against asking for every moment by itself."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from events.controls import DeviceFacts, RuleVersion, Scope
from views_engine.rules.timeline import judged_until, segment_at, segments

NAMES = st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True)
MOMENTS = st.integers(0, 12)
SCOPES = st.builds(Scope, devices=st.sampled_from([(), ("hive",)]), device_types=NAMES, groups=NAMES, tags=NAMES)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[RuleVersion], list[DeviceFacts]]:
    versions = [
        version(number, draw(MOMENTS), enabled=draw(st.booleans()), scope=draw(SCOPES))
        for number in range(1, draw(st.integers(1, 5)))
    ]
    facts = [
        DeviceFacts(device_id="hive", since=draw(MOMENTS), device_type=draw(st.sampled_from([None, "a"])), tags=tags)
        for tags in draw(st.lists(NAMES, max_size=4))
    ]
    return versions, facts


def version(number: int, effective_from: int, **changes: Any) -> RuleVersion:
    return RuleVersion(
        rule=1,
        version=number,
        name="hot",
        kind="threshold",
        event_type="temperature",
        severity="warning",
        parameters={},
        effective_from=effective_from,
        **changes,
    )


def judging(versions: list[RuleVersion], facts: list[DeviceFacts], moment: int) -> RuleVersion | None:
    """The same in the words of the glossary, for one moment."""
    in_force = [one for one in versions if one.effective_from <= moment]
    naming = [one for one in facts if one.device_type or one.groups or one.tags]
    known = facts[facts.index(naming[0]) :] if naming else []
    spoken = [one for place, one in enumerate(known) if place == 0 or one.since <= moment]
    if not in_force or not in_force[-1].enabled:
        return None
    scope, of = in_force[-1].scope, spoken[-1] if spoken else DeviceFacts(device_id="hive", since=0)
    named = {*scope.device_types} & {of.device_type} or {*scope.groups} & {*of.groups} or {*scope.tags} & {*of.tags}
    everyone = not (scope.devices or scope.device_types or scope.groups or scope.tags)
    return in_force[-1] if everyone or scope.devices or named else None


@given(histories())
def test_the_segments_say_of_every_moment_what_judges_it(history: tuple[list[RuleVersion], list[DeviceFacts]]) -> None:
    versions, facts = history
    judged = segments(versions, facts, "hive")
    for moment in range(-1, 14):
        segment = segment_at(judged, moment)
        assert (segment.version if segment else None) == judging(versions, facts, moment)


@given(histories(), MOMENTS)
def test_a_device_is_judged_until_the_first_moment_that_nothing_judges(
    history: tuple[list[RuleVersion], list[DeviceFacts]], moment: int
) -> None:
    versions, facts = history
    later = [other for other in range(moment, 14) if judging(versions, facts, other) is None]
    assert min(judged_until(segments(versions, facts, "hive"), moment), 14) == (later[0] if later else 14)


def test_a_later_version_may_reach_back_behind_an_earlier_one() -> None:
    judged = segments([version(1, 5), version(2, 3)], [], "hive")
    assert [(segment.start, segment.version.version) for segment in judged] == [(3, 2)]


def test_facts_that_change_nothing_for_the_rule_make_no_segment() -> None:
    facts = [DeviceFacts(device_id="hive", since=since, device_type="a") for since in (2, 4)]
    assert len(segments([version(1, 0, scope=Scope(device_types=["a"]))], facts, "hive")) == 1


def test_the_first_facts_that_name_something_hold_for_the_past() -> None:
    facts = [DeviceFacts(device_id="hive", since=10), DeviceFacts(device_id="hive", since=20, groups=["a"])]
    (segment,) = segments([version(1, 0, scope=Scope(groups=["a"]))], facts, "hive")
    assert segment.start == 0
