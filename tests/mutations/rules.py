"""Mistakes of rules: when something raises, clears, and which version judges."""

from tests.mutations.mutation import Mutation

TIMELINE = "views_engine/rules/timeline.py"
GLIDING = "views_engine/rules/gliding.py"
RUN = "views_engine/rules/run.py"
THRESHOLD = "views_engine/rules/threshold.py"
TESTS = "views_engine/rules/tests"

MUTATIONS = (
    Mutation(
        name="rule-raises-after-its-time-only",
        file=RUN,
        old="event.observed_at >= run.started_at + condition.for_ms:",
        new="event.observed_at > run.started_at + condition.for_ms:",
        killed_by=(f"{TESTS}/test_runs.py",),
        why="An alert comes one reading late, and with for_s 0 not at the first.",
    ),
    Mutation(
        name="rule-hysteresis-clears",
        file=THRESHOLD,
        old="cleared = BEYOND[self.sign](reading.value, self.clear_value)",
        new="cleared = BEYOND[self.sign](reading.value, self.value)",
        killed_by=(f"{TESTS}/test_runs.py",),
        why="A value that trembles about its limit raises an alert with every reading.",
    ),
    Mutation(
        name="rule-clears-strictly-beyond",
        file=THRESHOLD,
        old='BEYOND = {">": operator.le, ">=": operator.lt,',
        new='BEYOND = {">": operator.lt, ">=": operator.lt,',
        killed_by=(f"{TESTS}/test_runs.py",),
        why="A reading at the limit itself never clears.",
    ),
    Mutation(
        name="rule-versions-by-their-time-only",
        file=TIMELINE,
        old="sorted(versions, key=lambda version: version.version)]",
        new="sorted(versions, key=lambda version: version.effective_from)]",
        killed_by=(f"{TESTS}/test_timeline.py",),
        why="A later version that reaches back is overruled by the one it replaces.",
    ),
    Mutation(
        name="rule-version-of-the-next-stretch",
        file=TIMELINE,
        old="bisect_right(judged, moment, key=lambda segment: segment.start) - 1",
        new="bisect_right(judged, moment - 1, key=lambda segment: segment.start) - 1",
        killed_by=(f"{TESTS}/test_timeline.py", f"{TESTS}/test_runs.py"),
        why="The moment at which a version comes into force is judged by the one before.",
    ),
    Mutation(
        name="rule-facts-have-no-past",
        file=TIMELINE,
        old="    return [(ALWAYS, facts[first]), *(",
        new="    return [(facts[first].since, facts[first]), *(",
        killed_by=(f"{TESTS}/test_timeline.py",),
        why="A device that is put into a group after its first event is never judged for what it said before.",
    ),
    Mutation(
        name="rule-disabled-judges-on",
        file=TIMELINE,
        old="if version is None or not version.enabled or not within(",
        new="if version is None or not within(",
        killed_by=(f"{TESTS}/test_runs.py", f"{TESTS}/test_timeline.py"),
        why="A rule that was turned off goes on raising alerts.",
    ),
    Mutation(
        name="rule-run-outlives-its-scope",
        file=RUN,
        old="        if run is not None and (end := judged_until(segments, run.started_at)) <= event.observed_at:\n",
        new="        if run is not None and (end := judged_until(segments, run.started_at)) < 0:\n",
        killed_by=(f"{TESTS}/test_runs.py",),
        why="An alert stays open after its device has left the scope.",
    ),
    Mutation(
        name="rule-a-new-version-ends-a-silence",
        file="views_engine/rules/no_data.py",
        old="        if found and found[-1].ended == segment.start:\n",
        new="        if False:\n",
        killed_by=(f"{TESTS}/test_silences.py",),
        why="Renaming a rule closes every open silence and opens another.",
    ),
    Mutation(
        name="rule-silence-at-the-very-moment",
        file="views_engine/rules/no_data.py",
        old="        if started < min(segment.end, until):\n",
        new="        if started <= min(segment.end, until):\n",
        killed_by=(f"{TESTS}/test_silences.py",),
        why="A device that reports exactly on time is called silent for no time at all.",
    ),
    Mutation(
        name="rule-stirs-too-little",
        file=THRESHOLD,
        old="        hot = OPERATORS[self.sign](values, self.value)\n",
        new="        hot = operator.gt(values, self.value)\n",
        killed_by=(f"{TESTS}/test_kinds.py",),
        why="At full load the engine passes over readings that would have raised.",
    ),
    Mutation(
        name="rule-glides-past-its-version",
        file=GLIDING,
        old="            if step == STOP or moment >= until:\n",
        new="            if step == STOP:\n",
        killed_by=(f"{TESTS}/test_kinds.py",),
        why="A run goes on by a version that is in force no longer.",
    ),
    Mutation(
        name="rule-glides-and-raises-late",
        file=GLIDING,
        old="            if alert is None and moment >= raises_at:\n",
        new="            if alert is None and moment > raises_at:\n",
        killed_by=(f"{TESTS}/test_kinds.py",),
        why="Under full load an alert comes one reading later than on a quiet day.",
    ),
    Mutation(
        name="rule-glide-takes-no-reading-for-one",
        file=GLIDING,
        old="            if step == PASS:\n                continue\n",
        new="",
        killed_by=(f"{TESTS}/test_kinds.py",),
        why="An event without a number raises what only a reading may raise.",
    ),
)
