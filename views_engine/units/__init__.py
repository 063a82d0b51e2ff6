"""The calculation units, in the order in which they run. Adding one is its file and its line here."""

from views_engine.units.base import Unit
from views_engine.units.battery import Battery
from views_engine.units.latest import Latest
from views_engine.units.rollups import Rollups
from views_engine.units.track import Track

TRACK = Track()
ROLLUPS = Rollups()
LATEST = Latest()
BATTERY = Battery()

# The track reads the newest position before `latest` moves it on.
UNITS: tuple[Unit, ...] = (TRACK, ROLLUPS, LATEST, BATTERY)
