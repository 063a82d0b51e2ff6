"""Mistakes of the calculator about where an event belongs, and when late ones are let in."""

from tests.mutations.mutation import Mutation

PLACE = "views_engine/calculator/place.py"
APPLY = "views_engine/calculator/apply.py"
TEST = "views_engine/tests/test_place.py"

MUTATIONS = (
    Mutation(
        name="place-against-the-batch-only",
        file=PLACE,
        old="aside IS NULL AND (head IS NULL OR {ORDER_KEY} > head) AS ahead",
        new="aside IS NULL AS ahead",
        killed_by=(TEST,),
        why="A late event is folded in as if it were the newest.",
    ),
    Mutation(
        name="place-duplicates-among-the-waiting-not-seen",
        file=PLACE,
        old="""    UNION ALL
    SELECT {_IDENTITY}, content FROM waiting
) kept USING ({_IDENTITY})""",
        new=""") kept USING ({_IDENTITY})""",
        killed_by=(TEST,),
        why="A late event that is sent twice before its marker counts twice.",
    ),
    Mutation(
        name="place-duplicates-in-one-batch-not-seen",
        file=PLACE,
        old='    add_rows(db, "copies", _REPEATED)\n',
        new="",
        killed_by=(TEST,),
        why="An event that is sent twice in one batch counts twice.",
    ),
    Mutation(
        name="place-a-tie-with-the-head-is-not-looked-up",
        file=PLACE,
        old="coalesce(observed_at <= head.observed_at, false) AS suspect",
        new="coalesce(observed_at < head.observed_at, false) AS suspect",
        killed_by=(TEST,),
        why="The newest event of a device, sent again, is late and not a duplicate.",
    ),
    Mutation(
        name="place-the-last-of-a-conflict-wins",
        file=PLACE,
        old="min(arrival) AS arrival, arg_min(content, arrival) AS content",
        new="max(arrival) AS arrival, arg_max(content, arrival) AS content",
        killed_by=(TEST,),
        why="Which of two conflicting events counts depends on how they were batched.",
    ),
    Mutation(
        name="calculator-late-in-before-the-marker",
        file=APPLY,
        old="""FROM placed WHERE fate = '{Fate.APPLIED}'")
    for unit""",
        new="""FROM placed WHERE fate IN ('{Fate.APPLIED}', '{Fate.PENDING}')")
    for unit""",
        killed_by=(TEST,),
        why="Readers see a history that is repaired by half, under a version that says otherwise.",
    ),
    Mutation(
        name="calculator-position-of-the-record-itself",
        file=APPLY,
        old="        position=record.position + 1,\n",
        new="        position=record.position,\n",
        killed_by=("views_engine/tests/test_markers.py::test_a_step_stands_behind_what_it_has_read",),
        why="After every restart the last record is taken in a second time.",
    ),
    Mutation(
        name="calculator-clock-goes-back",
        file=APPLY,
        old="        clock=max(store.standing.clock, record.timestamp),\n",
        new="        clock=record.timestamp,\n",
        killed_by=("views_engine/tests/test_units.py::test_the_clock_of_the_views_never_goes_back",),
        why="Who is offline depends on which record came last.",
    ),
    Mutation(
        name="calculator-fold-watermark-off-by-one",
        file=APPLY,
        old="    store.move(folded=standing.position)\n",
        new="    store.move(folded=standing.position - 1)\n",
        killed_by=("views_engine/tests/test_units.py", "views_engine/tests/test_markers.py"),
        why="The newest record is counted among the folded and among the new: every sum of it doubles.",
    ),
    Mutation(
        name="calculator-head-moves-back",
        file=APPLY,
        old="coalesce(signs.head, devices.head),",
        new="signs.head,",
        killed_by=(TEST,),
        why="A duplicate makes the calculator forget how far a device is; the next late event is taken for new.",
    ),
)
