"""What an import tells people. Pure."""

from collections.abc import Mapping, Sequence

from events.importing.appending import Appended
from events.importing.dry_run import Forecast

MOST_NAMED = 5


def appended(done: Appended) -> str:
    """One or two sentences: how many events, which devices are new or unknown."""
    sentences = [f"{done.events:,} events are in the raw log."]
    if done.registered:
        sentences.append(f"Registered: {_named(done.registered)}.")
    if done.unknown:
        sentences.append(f"Not known, and kept for replay: {_named(done.unknown)}; --register creates devices.")
    return "\n".join(sentences)


def ledger(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    """A table of every fate: what this import changed, and what the ledger says now."""
    rows = [("", "change", "in all")]
    rows += [(fate, f"{after[fate] - before.get(fate, 0):+,}", f"{after[fate]:,}") for fate in after]
    return _table(rows)


def forecast(found: Forecast) -> str:
    """A table of what would be taken and refused, and the first examples of every code."""
    rows = [("", "events"), ("taken", f"{found.taken:,}")]
    rows += [(code, f"{count:,}") for code, count in found.refused.most_common()]
    parts = ["Nothing was written.", _table(rows), f"Devices: {_named(found.devices)}."]
    for code, examples in found.examples.items():
        lines = [f"  event {example.number}: {example.detail}\n    {example.line}" for example in examples]
        parts.append("\n".join([f"{code}:", *lines]))
    return "\n\n".join(parts)


def _named(devices: set[str]) -> str:
    names = sorted(devices)
    rest = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED]) or 'none'}{rest}"


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    """The first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_row(row, widths) for row in rows)


def _row(row: tuple[str, ...], widths: list[int]) -> str:
    first, *numbers = row
    padded = [number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True)]
    return "  ".join([first.ljust(widths[0]), *padded])
