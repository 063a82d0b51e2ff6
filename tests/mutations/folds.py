"""Mistakes of the fold engine: checkpoints, where a replay begins and ends, what a resting device passes over."""

from tests.mutations.mutation import Mutation

ENGINE = "views_engine/folds/engine.py"
PASSAGE = "views_engine/folds/passage.py"
REPAIR = "views_engine/folds/repair.py"
TEST = "views_engine/folds/tests/test_engine_by_seed.py"

MUTATIONS = (
    Mutation(
        name="fold-stops-one-event-too-soon",
        file=REPAIR,
        old="        if self._course.held != self._stored:\n",
        new="        if self._course.held != self._stored and key != self._triggers[0].key:\n",
        killed_by=(TEST,),
        why="What follows a late event keeps the rows of a history that never was.",
    ),
    Mutation(
        name="fold-agrees-with-what-nobody-stored",
        file=REPAIR,
        old="or (here is not None and here.key == key)\n",
        new="or True\n",
        killed_by=(TEST,),
        why="A replay ends where it happens to hold what was stored much earlier.",
    ),
    Mutation(
        name="fold-successor-of-a-late-event-forgotten",
        file="views_engine/folds/memory.py",
        old="            if one.key in late or (self._looks_back and after_late):\n",
        new="            if one.key in late:\n",
        killed_by=(TEST,),
        why="The reading behind a late one still sees the one before it: its rate and its silence stay wrong.",
    ),
    Mutation(
        name="fold-replay-from-behind-the-checkpoint",
        file=REPAIR,
        old="key > self._after()):",
        new="key > trigger.key):",
        killed_by=(TEST,),
        why="A replay begins at the late event with what was held long before it.",
    ),
    Mutation(
        name="fold-checkpoint-off-by-one",
        file=REPAIR,
        old="    while stored and stored[0].key <= key:\n",
        new="    while stored and stored[0].key < key:\n",
        killed_by=(TEST,),
        why="A replay compares itself with the checkpoint before the one at hand.",
    ),
    Mutation(
        name="fold-no-checkpoint-where-a-device-falls-asleep",
        file=ENGINE,
        old="        if (before is RESTING) != (self.held is RESTING) or self.held == ASIDE or self._is_far():\n",
        new="        if (before is RESTING and self.held is not RESTING) or self.held == ASIDE or self._is_far():\n",
        killed_by=(TEST,),
        why="A late event believes its device awake that had long gone to rest.",
    ),
    Mutation(
        name="fold-checkpoint-of-the-state-before",
        file=ENGINE,
        old="        self.checkpoints.append(Checkpoint(key, self.held))\n",
        new="        before = self.checkpoints[-1:] or [Checkpoint(key, self.held)]\n"
        "        self.checkpoints.append(before[0]._replace(key=key))\n",
        killed_by=(TEST,),
        why="A checkpoint holds an older state than its key says.",
    ),
    Mutation(
        name="fold-resting-skip-too-wide",
        file=PASSAGE,
        old="found = bisect_left(self._stirring, row)\n",
        new="found = bisect_left(self._stirring, row + 1)\n",
        killed_by=(TEST,),
        why="A resting device sleeps through the event that should have woken it.",
    ),
    Mutation(
        name="fold-glide-keeps-the-state-before",
        file=ENGINE,
        old="        if written != self._written:\n",
        new="        if written is None:\n",
        killed_by=(TEST,),
        why="A device that glides over readings comes out as it went in.",
    ),
    Mutation(
        name="fold-glide-to-rest",
        file=ENGINE,
        old="        if written == self.folder.initial or not row < stopped <= most:\n",
        new="        if not row < stopped <= most:\n",
        killed_by=(TEST,),
        why="A device falls asleep without a checkpoint, and without what it should have put out.",
    ),
    Mutation(
        name="fold-stale-rows-kept",
        file=REPAIR,
        old="        self._first, self._last = self._first or key, key\n",
        new="        self._first, self._last = key, key\n",
        killed_by=(TEST,),
        why="Rows of the stretch that was recomputed stay beside the new ones.",
    ),
    Mutation(
        name="fold-second-late-event-skipped",
        file=REPAIR,
        old="        while self._triggers and (self._triggers[0].key <= key or course.held == ASIDE):\n",
        new="        while self._triggers:\n",
        killed_by=(TEST,),
        why="Of several late events of a device in one epoch only the first is repaired.",
    ),
    Mutation(
        name="fold-a-fault-is-forgotten",
        file=PASSAGE,
        old="        while row < end and course.held != ASIDE:\n",
        new="        while row < end:\n",
        killed_by=(TEST,),
        why="A device that was set aside goes on from nowhere.",
    ),
    Mutation(
        name="fold-the-end-of-a-replay-is-not-written",
        file=REPAIR,
        old="            self._close(None)\n",
        new="            self._course = None\n",
        killed_by=(TEST,),
        why="A late event whose effects last to this day changes nothing.",
    ),
)
