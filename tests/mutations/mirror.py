"""Mistakes of the mirror and of matching: alerts keep their identity, and nobody writes who is not live."""

from tests.mutations.mutation import Mutation

MIRROR = "views_engine/alerts/mirror.py"
MATCHING = "views_engine/alerts/matching.py"
TEST = "views_engine/alerts/tests/test_mirror.py"
MATCHED = "views_engine/alerts/tests/test_matching.py"

MUTATIONS = (
    Mutation(
        name="mirror-asks-for-no-fence",
        file=MIRROR,
        old="        if not board.holds_live(self.shard, fence):\n",
        new="        if not fence:\n",
        killed_by=(TEST,),
        why="A calculator that was replaced writes alerts beside its successor.",
    ),
    Mutation(
        name="mirror-standing-without-alerts",
        file=MIRROR,
        old="        with ROUND_SECONDS.time(), transaction.atomic():\n            revised = self._write_all(",
        new="        with ROUND_SECONDS.time():\n            revised = self._write_all(",
        killed_by=(TEST,),
        why="Killed in a round, the standing says that alerts were written which were not.",
    ),
    Mutation(
        name="mirror-overwrites-what-another-mirrored",
        file=MIRROR,
        old="        if held.update(**at._asdict()) != 1:\n",
        new="        if MirrorStanding.objects.filter(shard=self.shard).update(**at._asdict()) != 1:\n",
        killed_by=(TEST,),
        why="Two mirrors that began at the same standing both write their round.",
    ),
    Mutation(
        name="mirror-a-store-that-is-behind-takes-back",
        file=MIRROR,
        old="        if not at.reaches(self._written):\n",
        new="        if False:\n",
        killed_by=(TEST,),
        why="After a failover alerts are withdrawn and raised again while the new one catches up.",
    ),
    Mutation(
        name="matching-the-later-stays",
        file=MATCHING,
        old="    return *_stretch(record), record.id\n",
        new="    return -_stretch(record)[0], -_stretch(record)[1], -record.id\n",
        killed_by=(MATCHED,),
        why="Of two alerts that grow together the one that people know is withdrawn.",
    ),
    Mutation(
        name="matching-touching-is-overlapping",
        file=MATCHING,
        old="(first[0] < second[1] and second[0] < first[1])",
        new="(first[0] <= second[1] and second[0] <= first[1])",
        killed_by=(MATCHED,),
        why="The alert of a new interval is that of the one before it.",
    ),
    Mutation(
        name="matching-withdrawn-are-never-called-back",
        file=MATCHING,
        old="        if record is not None:\n            called[number] = record\n",
        new="        if False:\n            called[number] = record\n",
        killed_by=(MATCHED,),
        why="An alert that is withdrawn and comes back is a stranger, and its acknowledgement is lost.",
    ),
    Mutation(
        name="mirror-tells-nobody",
        file="views_engine/alerts/writing.py",
        old="            tell(self._rules[one.alert.rule_id], one)\n",
        new="            pass\n",
        killed_by=(TEST,),
        why="Alerts are there and nobody hears of them.",
    ),
)
