"""Mistakes of snapshots: what is stood upon, and which is chosen."""

from tests.mutations.mutation import Mutation

CHOOSING = "views_engine/snapshots/choosing.py"
RESTORING = "views_engine/snapshots/restoring.py"
VERIFYING = "views_engine/snapshots/verifying.py"
HEALING = "views_engine/tests/test_healing.py"

MUTATIONS = (
    Mutation(
        name="snapshot-used-without-its-digest",
        file=RESTORING,
        old="    if not found.startswith(candidate.sha256):\n",
        new="    if False:\n",
        killed_by=(HEALING,),
        why="A copy with damage in the middle is stood upon.",
    ),
    Mutation(
        name="snapshot-the-older-is-chosen",
        file=CHOOSING,
        old="key=lambda one: (one.position, one.epoch), reverse=True)",
        new="key=lambda one: (one.position, one.epoch))",
        killed_by=(HEALING,),
        why="A restart takes as long as the oldest snapshot is old.",
    ),
    Mutation(
        name="snapshot-a-bad-one-is-chosen-again",
        file=CHOOSING,
        old=".update(bad=reason[:300], bad_since=",
        new=".update(bad_since=",
        killed_by=(HEALING,),
        why="Every start fetches the same damaged snapshot first.",
    ),
    Mutation(
        name="snapshot-of-another-log",
        file=RESTORING,
        old="    if reason := disagreement(standing, candidate.shard, history):\n",
        new="    if reason := False:\n",
        killed_by=(HEALING,),
        why="Views of a log that was replaced are served as if they were of this one.",
    ),
    Mutation(
        name="snapshot-a-gap-is-not-seen",
        file=RESTORING,
        old="    if not replayable(candidate.shard, standing.position, history):\n",
        new="    if False:\n",
        killed_by=(HEALING,),
        why="Events between the snapshot and the oldest kept record are missing for ever.",
    ),
    Mutation(
        name="snapshot-events-are-not-counted",
        file=VERIFYING,
        old="    if events != accounted:\n",
        new="    if False:\n",
        killed_by=("views_engine/tests/test_background.py",),
        why="A copy that has lost events passes for good.",
    ),
)
