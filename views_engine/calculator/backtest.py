"""What a rule would have said: its unit run over the kept events of some time, recorded nowhere.

The time is read window by window, all devices at once: memory holds one window, and what each device holds.
"""

from collections.abc import Iterator

import duckdb
import msgspec

from events.controls import RuleVersion
from views_engine.calculator.controls import load
from views_engine.calculator.parameters import BadQuestion
from views_engine.calculator.store import read_standing
from views_engine.folds.batch import ORDER, WITHOUT_PAYLOAD, Batch, Before, Rows, seeds_of
from views_engine.folds.engine import ASIDE, Course
from views_engine.folds.forward import candidates, passage_of
from views_engine.folds.history import of_types
from views_engine.folds.roster import Member
from views_engine.rules import check
from views_engine.rules.alert import AlertUnit, alert_unit, one_each, standing
from views_engine.rules.interval import Interval
from views_engine.rules.timeline import Knowledge
from views_engine.units.base import one

FIRST_SPAN_MS = 3_600_000
FEW_ROWS, MANY_ROWS = 100_000, 500_000
"""Windows grow while they hold few events, and shrink when they hold many."""


_SEEDS = """
SELECT device_id, max(struct_pack(observed_at := observed_at, seq := seq, event_type := event_type,
    event_id := event_id, timeless := timeless, value := value)) AS newest
FROM events WHERE observed_at < ? AND {types} GROUP BY device_id
"""


def trial(db: duckdb.DuckDBPyConnection, version: RuleVersion, since: int, until: int, limit: int) -> list[Interval]:
    """The first intervals found, at most `limit`, of what was observed from `since` to before `until` (ms).

    What is open then is shown open. Raises `BadQuestion` for a rule that makes no sense.
    """
    if faults := check(version.kind, version.event_type, version.parameters):
        raise BadQuestion(f"rule: {faults[0].pointer}: {faults[0].detail}")
    begins = msgspec.structs.replace(version, effective_from=max(version.effective_from, since))
    unit = alert_unit(Knowledge({version.rule: [begins]}, load(db).facts), version.rule)
    assert unit is not None
    found = list[Interval]()
    for interval in _Trial(db, unit, since, until).intervals():
        found.append(interval)
        if len(found) >= limit:
            break
    return one_each(found)


class _Trial:
    def __init__(self, db: duckdb.DuckDBPyConnection, unit: AlertUnit, since: int, until: int) -> None:
        self.db, self.unit, self.member = db, unit, Member(unit)
        self.since, self.until = since - unit.reach_ms, until
        self.types = of_types(unit.event_types)
        self.courses: dict[str, Course] = {}
        self.before: dict[str, Before] = {}

    def intervals(self) -> Iterator[Interval]:
        """Those that events put out, as they do, and then those that stand at the end."""
        if self.unit.looks_back:
            rows = self.db.execute(_SEEDS.format(types=self.types), [self.since]).fetchall()
            self.before = {device_id: (newest["observed_at"], newest["value"]) for device_id, newest in rows}
        for batch in self._windows():
            yield from self._take(batch.rows(self.unit.event_types))
        yield from self._standing(min(read_standing(self.db).clock, self.until - 1))

    def _windows(self) -> Iterator[Batch]:
        oldest, newest = one(
            self.db,
            f"SELECT min(observed_at), max(observed_at) FROM events WHERE {self.types} "
            f"AND observed_at >= {self.since} AND observed_at < {self.until}",
        )
        begin, span = oldest, FIRST_SPAN_MS
        while begin is not None and begin <= newest:
            end = min(begin + span, newest + 1)
            batch = Batch(
                self.db.sql(
                    f"SELECT {WITHOUT_PAYLOAD} FROM events WHERE {self.types} "
                    f"AND observed_at >= {begin} AND observed_at < {end} ORDER BY {ORDER}"
                ).to_arrow_table()
            )
            yield batch
            span = span * 2 if len(batch) < FEW_ROWS else max(1, span // 2) if len(batch) > MANY_ROWS else span
            begin = end

    def _take(self, rows: Rows) -> Iterator[Interval]:
        sight = rows.looking_back(seeds_of(self.before, rows)) if self.unit.looks_back else rows.plain
        passage = passage_of(self.member, sight)
        for device_id, start, end in candidates(rows, passage, list(self.courses)):
            if self.member.covers(device_id):
                course = self.courses.get(device_id) or Course(self.member)
                passage.feed(course, device_id, start, end)
                yield from self._made(device_id, course)
        if self.unit.looks_back:
            self.before.update(_last(rows))

    def _made(self, device_id: str, course: Course) -> Iterator[Interval]:
        for row in course.made:
            yield msgspec.json.decode(row.body, type=Interval)
        course.made, course.checkpoints = [], []
        if course.held is None:
            self.courses.pop(device_id, None)
        else:
            self.courses[device_id] = course

    def _standing(self, clock: int) -> Iterator[Interval]:
        for device_id in sorted(self.courses.keys() | self.before.keys()):
            course, last = self.courses.get(device_id), self.before.get(device_id)
            if not self.member.covers(device_id) or (course is not None and course.held == ASIDE):
                continue
            state = None if course is None else self.member.read(course.held)
            yield from standing(self.unit, device_id, state, None if last is None else last[0], clock)


def _last(rows: Rows) -> Iterator[tuple[str, Before]]:
    columns, ends = rows.columns, (rows.bounds[1:] - 1).tolist()
    at, value = columns.observed_at[ends].tolist(), columns.value[ends].tolist()
    yield from zip(rows.devices, zip(at, value, strict=True), strict=True)
