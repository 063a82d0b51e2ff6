"""Mistakes of the reformer: what is durable when, markers, the clock, controls, letters."""

from tests.mutations.mutation import Mutation

WORKER = "events/reformer/worker.py"
OUTPUT = "events/reformer/output.py"
STATE = "events/reformer/state.py"
HEADS = "events/reformer/heads.py"
STEP = "events/tests/test_reformer.py"
CRASHES = "events/tests/test_reformer_crashes.py"
CONTROLS = "events/tests/test_controls.py"

MUTATIONS = (
    Mutation(
        name="reformer-position-without-outputs",
        file=WORKER,
        old="""        with self.log.transaction(GROUP, self.shard) as transaction:
            transaction.append(Topic.ORDERED, output.entries)
            transaction.commit(output.position, output.state.text())
""",
        new="""        with self.log.transaction(GROUP, self.shard) as transaction:
            transaction.commit(output.position, output.state.text())
        with self.log.transaction(GROUP, self.shard) as transaction:
            transaction.append(Topic.ORDERED, output.entries)
""",
        killed_by=(CRASHES,),
        why="Killed in between, events that were read are never put out: lost.",
    ),
    Mutation(
        name="reformer-outputs-before-position",
        file=WORKER,
        old="""            transaction.append(Topic.ORDERED, output.entries)
            transaction.commit(output.position, output.state.text())
""",
        new="""            transaction.append(Topic.ORDERED, output.entries)
        with self.log.transaction(GROUP, self.shard) as transaction:
            transaction.commit(output.position, output.state.text())
""",
        killed_by=(CRASHES,),
        why="Killed in between, what was put out is put out again: doubled.",
    ),
    Mutation(
        name="reformer-letters-after-commit",
        file=WORKER,
        old="        self._put_aside(intake.letters, now)\n",
        new="",
        also=(
            (
                "        self._took_at = self._spoke_at = now\n",
                "        self._put_aside(intake.letters, now)\n        self._took_at = self._spoke_at = now\n",
            ),
        ),
        killed_by=(CRASHES,),
        why="A position without its letters: what was refused is gone without a trace.",
    ),
    Mutation(
        name="reformer-letters-of-a-lost-step-stay",
        file=WORKER,
        old="        self.forget_letters(self.shard, self._state.raw_events)\n",
        new="",
        killed_by=(CRASHES,),
        why="An event that is applied in the end keeps the letter of a step that never was.",
    ),
    Mutation(
        name="reformer-marker-lost",
        file=WORKER,
        old="self._put_out(self._marked(output, now) if state.marker_due(",
        new="self._put_out(output if state.marker_due(",
        killed_by=(STEP,),
        why="Late events wait until the log falls silent.",
    ),
    Mutation(
        name="reformer-idle-marker-lost",
        file=WORKER,
        old="""        elif self._state.marker_due(now, self.settings.epoch_interval):
            self._put_out(self._marked(self._output(self._state), now))
            self._spoke_at = now
""",
        new="",
        killed_by=(STEP,),
        why="The last late events before silence are never let in.",
    ),
    Mutation(
        name="reformer-marker-before-batch",
        file=OUTPUT,
        old="        return self._and(entry, after)\n",
        new="        return replace(self, state=after, entries=(entry, *self.entries))\n",
        killed_by=(STEP, CRASHES),
        why="The marker lets in what waited before, and not the late events of its own batch.",
    ),
    Mutation(
        name="reformer-epoch-not-carried",
        file=OUTPUT,
        old="            epoch=state.epoch + 1,\n",
        new="            epoch=1,\n",
        killed_by=(STEP,),
        why="Epochs repeat themselves, and the same version names two different pasts.",
    ),
    Mutation(
        name="reformer-state-not-resumed",
        file=WORKER,
        old="self._position, self._state = found.position, State.read(found.state)",
        new="self._position, self._state = found.position, State()",
        killed_by=(STEP, CRASHES),
        why="After a restart epochs begin again, and late events that waited have no marker.",
    ),
    Mutation(
        name="reformer-waiting-forgotten-by-a-batch",
        file=STATE,
        old="            late=self.late + events,\n",
        new="            late=events,\n",
        killed_by=(STEP,),
        why="A batch in time between two markers forgets that late events wait.",
    ),
    Mutation(
        name="reformer-unknown-heads-are-trusted",
        file=HEADS,
        old="unsure = None in heads or bool(((observed_at <= self._bound) & (ends <= self._bound) & ~late).any())",
        new="unsure = False",
        killed_by=(STEP, CRASHES),
        why="After a restart late events get no marker, because no head is known yet.",
    ),
    Mutation(
        name="reformer-clock-goes-back",
        file=OUTPUT,
        old="        progress, at = self._progress(fates), max(at, self.state.clock)\n",
        new="        progress, at = self._progress(fates), at\n",
        killed_by=(STEP,),
        why="A server whose clock is set back makes devices online that were offline, and opens silences twice.",
    ),
    Mutation(
        name="reformer-clock-runs-ahead-of-what-waits",
        file=WORKER,
        old="    if records[-1].position + 1 >= head.position:\n        return now\n",
        new="    return now\n",
        killed_by=(STEP,),
        why="While the reformer is behind, devices are called offline whose events merely wait.",
    ),
    Mutation(
        name="reformer-controls-not-remembered",
        file=OUTPUT,
        old="msgspec.structs.replace(self.state, clock=at, controls=controls[-1].number)",
        new="msgspec.structs.replace(self.state, clock=at)",
        killed_by=(CONTROLS,),
        why="Every step writes the same decisions into the log again.",
    ),
    Mutation(
        name="reformer-controls-lost-at-a-marker",
        file=OUTPUT,
        old="clock=at, late=0, devices=0, oldest=None, unsure=False\n",
        new="clock=at, late=0, devices=0, oldest=None, unsure=False, controls=0\n",
        killed_by=(CONTROLS,),
        why="A marker makes the reformer forget which decisions it has written.",
    ),
    Mutation(
        name="reformer-controls-after-the-batch",
        file=WORKER,
        old="        output = output.with_batch(intake.batch, intake.fates, at=at, entry=self.batches.entry)\n",
        new="""        output = replace(
            output.with_batch(intake.batch, intake.fates, at=at, entry=self.batches.entry),
            entries=tuple(reversed(output.with_batch(intake.batch, intake.fates, at=at).entries)),
        )
""",
        killed_by=(CONTROLS,),
        why="A rule saved before an event does not judge it.",
    ),
)
