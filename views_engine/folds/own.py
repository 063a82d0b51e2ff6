"""The fold units that people name in their settings: imported once, and checked before anything runs."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from views_engine.folds.contract import FoldUnit
from views_engine.folds.engine import Folder

NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_METHODS = ("initial", "apply", "covers", "stirs", "glides", "showing")
_FACTS = ("event_types", "looks_back", "reads_payload", "state_type")


class BadUnit(Exception):
    """A path in `calculator.units` leads to no unit; the message says why, in a sentence."""


def own_units() -> Sequence[FoldUnit[Any]]:
    """The units of `calculator.units`, in their order; raises `BadUnit`."""
    return load_units(tuple(settings.CONFIG.calculator.units))


@cache
def load_units(paths: tuple[str, ...]) -> Sequence[FoldUnit[Any]]:
    units: dict[str, tuple[str, FoldUnit[Any]]] = {}
    for path in paths:
        unit = load_unit(path)
        if unit.name in units:
            raise BadUnit(
                f"{path} and {units[unit.name][0]} are both named {unit.name!r}: every unit needs its own name."
            )
        units[unit.name] = path, unit
    return tuple(unit for _, unit in units.values())


def load_unit(path: str) -> FoldUnit[Any]:
    """The unit at a dotted path, of a class or an instance; raises `BadUnit`."""
    try:
        found = import_string(path)
        unit = found() if isinstance(found, type) else found
    except Exception as error:
        raise BadUnit(f"{path} cannot be loaded: {type(error).__name__}: {error}.") from error
    missing = [name for name in _METHODS if not callable(getattr(unit, name, None))]
    missing += [name for name in _FACTS if not hasattr(unit, name)]
    if missing:
        raise BadUnit(f"{path} is no fold unit: it lacks {', '.join(missing)}. PlainFold has what most may leave out.")
    return _checked(path, unit)


def _checked(path: str, unit: Any) -> FoldUnit[Any]:
    name, version = getattr(unit, "name", None), getattr(unit, "version", None)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise BadUnit(f"{path} is named {name!r}: a name has 1 to 64 of a-z, 0-9, _ and -, and begins with a letter.")
    if type(version) is not int or version < 0:
        raise BadUnit(f"{path} has version {version!r}: a version is a whole number, and rises with every change.")
    types = getattr(unit, "event_types", None)
    if types is not None and not (isinstance(types, frozenset) and all(isinstance(one, str) for one in types)):
        raise BadUnit(f"{path} reads event_types {types!r}: they are a frozenset of names, or None for all.")
    _try(path, unit)
    found: FoldUnit[Any] = unit
    return found


def _try(path: str, unit: Any) -> None:
    try:
        Folder(unit).read(None)
    except Exception as error:
        raise BadUnit(
            f"{path} has an initial state that cannot be written and read again: {type(error).__name__}: {error}."
        ) from error
