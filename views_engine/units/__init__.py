"""The calculation units, in the order in which they run. Adding one is its file and its line here."""

from views_engine.folds.unit import Folds
from views_engine.units.base import Unit
from views_engine.units.battery import Battery
from views_engine.units.latest import Latest
from views_engine.units.rollups import Rollups
from views_engine.units.track import Track

TRACK = Track()
ROLLUPS = Rollups()
FOLDS: Unit = Folds()
LATEST = Latest()
BATTERY = Battery()

# The track and the folds read the newest events before `latest` moves on.
UNITS: tuple[Unit, ...] = (TRACK, ROLLUPS, FOLDS, LATEST, BATTERY)
