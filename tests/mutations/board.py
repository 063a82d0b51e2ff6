"""Mistakes of the blackboard: fences, leases, and who may be what."""

from tests.mutations.mutation import Mutation

BOARD = "blackboard/board.py"
CARRYING = "blackboard/carrying.py"
SHARD = "blackboard/shard.py"
DECISIONS = "blackboard/decisions.py"
CONTRACT = "blackboard/tests/test_contract.py"
TEST = "blackboard/tests/test_board.py"
DECIDED = "blackboard/tests/test_decisions.py"

MUTATIONS = (
    Mutation(
        name="board-appoints-without-the-fence",
        file=CARRYING,
        old="Role.objects.filter(shard=move.shard, name=move.role, fence=move.replacing).update(**term) != 1:",
        new="Role.objects.filter(shard=move.shard, name=move.role).update(**term) != 1:",
        killed_by=(TEST, CONTRACT),
        why="A controller with old facts takes the role from whoever was appointed meanwhile.",
    ),
    Mutation(
        name="board-vacates-without-the-fence",
        file=CARRYING,
        old="    held = Role.objects.filter(shard=move.shard, name=move.role, fence=move.fence)\n",
        new="    held = Role.objects.filter(shard=move.shard, name=move.role)\n",
        killed_by=(TEST, CONTRACT),
        why="A controller with old facts takes the role of a calculator that lives.",
    ),
    Mutation(
        name="board-appoints-an-old-incarnation",
        file=CARRYING,
        old="    who = Calculator.objects.filter(pk=move.calculator_id, incarnation=move.incarnation).first()\n",
        new="    who = Calculator.objects.filter(pk=move.calculator_id).first()\n",
        killed_by=(TEST, CONTRACT),
        why="A decision about a process that died appoints the one that was started in its place.",
    ),
    Mutation(
        name="board-a-replaced-process-beats-on",
        file=BOARD,
        old="    return Calculator.objects.filter(pk=membership.calculator_id, incarnation=membership.incarnation)\n",
        new="    return Calculator.objects.filter(pk=membership.calculator_id)\n",
        killed_by=(TEST, CONTRACT),
        why="A process that was stopped and comes back never learns that it is fenced.",
    ),
    Mutation(
        name="board-a-restarted-calculator-is-still-live",
        file=BOARD,
        old="    if held is None or held.calculator.incarnation != held.incarnation:\n",
        new="    if held is None:\n",
        killed_by=(TEST, CONTRACT),
        why="Readers are sent to a process that was never appointed.",
    ),
    Mutation(
        name="board-registers-under-the-same-incarnation",
        file=BOARD,
        old='.update(incarnation=F("incarnation") + 1, **facts):',
        new='.update(incarnation=F("incarnation"), **facts):',
        killed_by=(TEST, CONTRACT),
        why="Two processes of one name both believe that they are the calculator.",
    ),
    Mutation(
        name="board-the-lock-forgets-the-fence",
        file=CARRYING,
        old='name=RoleName.LIVE, fence=fence).update(fence=F("fence")) == 1',
        new='name=RoleName.LIVE).update(fence=F("fence")) == 1',
        killed_by=("views_engine/alerts/tests/test_mirror.py", CONTRACT),
        why="A fenced calculator writes alerts beside the one that took over.",
    ),
    Mutation(
        name="board-promotes-under-an-old-fence",
        file=CARRYING,
        old="    held = Role.objects.filter(shard=shard, fence=fence)\n",
        new="    held = Role.objects.filter(shard=shard)\n",
        killed_by=(TEST, CONTRACT),
        why="Of two controllers that promote at the same time both do, and the roles change back.",
    ),
    Mutation(
        name="decision-lease-compared-wrongly",
        file=SHARD,
        old="    return now < member.lease_until\n",
        new="    return now <= member.lease_until\n",
        killed_by=(DECIDED,),
        why="Who said goodbye at this moment, or whose lease ends now, counts as alive.",
    ),
    Mutation(
        name="decision-promotes-without-tether",
        file=SHARD,
        old="        return member.ready and member.tether_seconds <= allowed\n",
        new="        return member.ready\n",
        killed_by=(DECIDED,),
        why="Reads go back in time when a next that is far behind is promoted.",
    ),
    Mutation(
        name="decision-promotes-before-the-repair",
        file="blackboard/wishes.py",
        old="    return shard.close(who) and (live is None or who.epoch >= live.held)\n",
        new="    return shard.close(who)\n",
        killed_by=(DECIDED,),
        why="A next that has not repaired yet is promoted, and the handover was for nothing.",
    ),
    Mutation(
        name="decision-an-old-holder-counts",
        file=SHARD,
        old="(one for one in self.living if holding and one.process == holding.process)",
        new="(one for one in self.living if holding and one.calculator_id == holding.calculator_id)",
        killed_by=(DECIDED,),
        why="A calculator that was started again is taken for the one that was appointed, and is never live.",
    ),
    Mutation(
        name="board-a-lost-race-is-taken-for-won",
        file=CARRYING,
        old="fence=move.replacing).update(**term) != 1:\n        raise Lost\n",
        new="fence=move.replacing).update(**term) > 1:\n        raise Lost\n",
        killed_by=(TEST, CONTRACT),
        why="A controller that lost the race believes, and writes down, that it has appointed somebody.",
    ),
)
