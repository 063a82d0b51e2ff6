"""Fold units made again from all kept events, in the transaction at hand: readers see the old rows until it commits."""

from collections.abc import Collection

import duckdb

from views_engine.folds.history import FOREVER
from views_engine.folds.own import own_units
from views_engine.folds.refold import Moment, refold
from views_engine.folds.roster import active

ALERTS = "alerts"
RULE = "rule:"
_NOTE = "INSERT OR REPLACE INTO fold_units VALUES (?, ?)"


def names() -> list[str]:
    """What can be rebuilt: the alerts of all rules, and the units of the settings."""
    return [ALERTS, *(unit.name for unit in own_units())]


def outdated(db: duckdb.DuckDBPyConnection) -> list[str]:
    """The units whose rows are of another version than the settings', or of a unit that is no more there; by name."""
    kept = dict(db.execute("SELECT unit, version FROM fold_units").fetchall())
    wanted = {unit.name: unit.version for unit in own_units()}
    return sorted(name for name in kept.keys() | wanted.keys() if kept.get(name) != wanted.get(name))


def rebuild(db: duckdb.DuckDBPyConnection, wanted: Collection[str], moment: Moment) -> None:
    """Makes these units again from the first event on; what is kept of one that is no more there goes."""
    members = active(db).members
    rules = [name for name in members if name.startswith(RULE)] if ALERTS in wanted else []
    for name in (*rules, *(name for name in wanted if name != ALERTS)):
        member = members.get(name)
        refold(db, name, member, None, -FOREVER, moment)
        if member is None:
            db.execute("DELETE FROM fold_units WHERE unit = ?", [name])
        elif name not in rules:
            db.execute(_NOTE, [name, member.unit.version])
