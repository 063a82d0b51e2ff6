"""Mistakes of the embedded log."""

from tests.mutations.mutation import Mutation

LOG = "events/log/sqlite.py"
CONTRACT = "events/tests/test_logs.py"

MUTATIONS = (
    Mutation(
        name="log-fence-not-asked",
        file=LOG,
        old="            if not _one(connection, asked, group, shard, fence):\n",
        new="            if fence is None:\n",
        killed_by=(CONTRACT,),
        why="A process that was stopped and comes back writes beside its successor.",
    ),
    Mutation(
        name="log-claim-takes-no-new-fence",
        file=LOG,
        old='" ON CONFLICT DO UPDATE SET fence = fence + 1 RETURNING',
        new='" ON CONFLICT DO UPDATE SET fence = fence RETURNING',
        killed_by=(CONTRACT,),
        why="Two claimants hold the same fence, and both may commit.",
    ),
    Mutation(
        name="log-position-of-another-shard",
        file=LOG,
        old='"SELECT position, state FROM groups WHERE name = ? AND shard = ?"',
        new='"SELECT position, state FROM groups WHERE name = ? AND shard >= ?"',
        killed_by=(CONTRACT,),
        why="A shard resumes where another one is.",
    ),
    Mutation(
        name="log-head-forgets-what-was-trimmed",
        file=LOG,
        old="last[1] + last[2]) if last else _trimmed(connection, shard)",
        new="last[1] + last[2]) if last else Head(0, 0)",
        killed_by=(CONTRACT,),
        why="After a trim positions are given a second time.",
    ),
)
