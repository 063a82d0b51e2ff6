"""Mistakes at markers: what is let in, when a heavy repair is held, and what is repaired."""

from tests.mutations.mutation import Mutation

MARKERS = "views_engine/calculator/markers.py"
EPOCHS = "views_engine/calculator/epochs.py"
TEST = "views_engine/tests/test_markers.py"
UNITS = "views_engine/tests/test_units.py"

MUTATIONS = (
    Mutation(
        name="epoch-lets-in-what-came-later",
        file=MARKERS,
        old='SELECT {COLUMNS} FROM waiting WHERE position < {marker.position}")',
        new='SELECT {COLUMNS} FROM waiting")',
        killed_by=(TEST,),
        why="Who releases a marker later holds another past under the same version.",
    ),
    Mutation(
        name="epoch-waiting-is-not-emptied",
        file=MARKERS,
        old='    db.execute("DELETE FROM waiting WHERE position < ?", [marker.position])\n',
        new="",
        killed_by=(TEST,),
        why="The same late events are let in at every marker again.",
    ),
    Mutation(
        name="epoch-surveys-when-late-events-have-joined",
        file=MARKERS,
        old="    _repair(db, step, standing.folded)\n",
        new="",
        also=(
            (
                '    db.execute("DELETE FROM waiting WHERE position < ?", [marker.position])\n',
                '    db.execute("DELETE FROM waiting WHERE position < ?", [marker.position])\n'
                "    _repair(db, step, standing.folded)\n",
            ),
        ),
        killed_by=(UNITS,),
        why="A late position is taken for its own neighbour, and nothing has a value before the change.",
    ),
    Mutation(
        name="epoch-overtakes-one-that-is-held",
        file=EPOCHS,
        old="    return Choice.HOLD if holding or (",
        new="    return Choice.HOLD if (",
        killed_by=(TEST,),
        why="A later epoch is served before an earlier one.",
    ),
    Mutation(
        name="epoch-the-newest-is-released-first",
        file=EPOCHS,
        old="    return min(held)\n",
        new="    return max(held)\n",
        killed_by=(TEST,),
        why="Epochs come in another order than on the other calculator.",
    ),
    Mutation(
        name="epoch-late-events-join-the-folded",
        file=MARKERS,
        old="    let_in(store, marker, step=max(marker.position, store.standing.folded))\n",
        new="    let_in(store, marker, step=marker.position)\n",
        killed_by=(TEST,),
        why="Late events that are released after a fold are in no rollup at all.",
    ),
    Mutation(
        name="epoch-number-not-taken",
        file=MARKERS,
        old="    store.move(epoch=marker.epoch)\n",
        new="    store.move(epoch=store.standing.epoch)\n",
        killed_by=(TEST,),
        why="The past changes and the version does not.",
    ),
    Mutation(
        name="epoch-reached-is-the-oldest-held",
        file=EPOCHS,
        old="    return max(heavy, default=",
        new="    return min(heavy, default=",
        killed_by=(TEST,),
        why="A deputy is promoted that has repaired the first of several heavy markers only.",
    ),
    Mutation(
        name="epoch-light-repairs-are-held",
        file=EPOCHS,
        old="(defers and plan == Plan.HANDOVER)",
        new="defers",
        killed_by=(TEST,),
        why="Every late event makes the roles change.",
    ),
)
