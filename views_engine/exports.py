"""Exports: what a list of the API would stream, written to a file in object storage."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from django.http import QueryDict
from django.utils import timezone
from rest_framework.exceptions import NotFound

from commandline.crash_points import crash_point
from views_engine import storage
from views_engine.api import parameters
from views_engine.api.base import ListView, Values
from views_engine.api.catalogue import units
from views_engine.api.corrections import CorrectionList, EpochList
from views_engine.api.dashboard import DeviceStates
from views_engine.api.events import EventList
from views_engine.api.formats import STREAMS
from views_engine.api.listing import Rows
from views_engine.api.metrics import MetricList
from views_engine.models import Export
from views_engine.reading import Unavailable
from views_engine.reading.versions import as_json

KEPT = timedelta(days=7)
"""So long a finished export can be downloaded."""

SOURCES: dict[str, type[ListView]] = {
    Export.What.EVENTS: EventList,
    Export.What.METRICS: MetricList,
    Export.What.DEVICES: DeviceStates,
    Export.What.CORRECTIONS: CorrectionList,
    Export.What.EPOCHS: EpochList,
}


class BadExport(ValueError):
    """Nothing can be exported with these words: `field` of the export is wrong, the message says how."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Source:
    """A list of the API and what it is asked."""

    view: ListView
    values: Values
    path: dict[str, str]

    def rows(self) -> Rows:
        return self.view.everything(self.values, None, **self.path)


def source_of(export: Export) -> Source:
    """Where the rows of an export come from; raises `BadExport`."""
    view = SOURCES[export.what]()
    is_metrics = export.what == Export.What.METRICS
    if is_metrics and export.event_type not in units():
        raise BadExport("event_type", f"is one of {', '.join(sorted(units()))}")
    try:
        values = parameters.read(_filters(export.query), view.parameters)
    except parameters.BadParameters as error:
        raise BadExport("query", str(error)) from error
    return Source(view, values, {"event_type": export.event_type} if is_metrics else {})


def _filters(query: str) -> QueryDict:
    filters = QueryDict(query)
    paging = [name for name in ("limit", "cursor", "format") if name in filters]
    if paging:
        raise BadExport("query", f"an export holds every row: leave out {', '.join(paging)}")
    return filters


def run(export_id: int) -> None:
    """Makes the file of an export that waits; one that has been taken already is left alone."""
    if not Export.objects.filter(pk=export_id, status=Export.Status.WAITING).update(status=Export.Status.RUNNING):
        return
    export = Export.objects.get(pk=export_id)
    try:
        outcome = _make(export)
    except (BadExport, NotFound, Unavailable, storage.Away, OSError) as error:
        outcome = {"status": Export.Status.FAILED, "error": str(error)}
    Export.objects.filter(pk=export_id).update(finished_at=timezone.now(), **outcome)


def _make(export: Export) -> dict[str, Any]:
    rows, count = source_of(export).rows(), Count()
    path = f"exports/{export.pk}/{export.file_name}"
    with TemporaryDirectory(prefix="export-") as folder:
        file = Path(folder) / "export"
        try:
            _write(file, STREAMS[export.form][1](rows.schema, count.of(rows.tables)))
        finally:
            rows.close()
        storage.put(path, file)
        crash_point("export.stored")
        size = file.stat().st_size
    version = as_json(rows.version)
    return {"status": Export.Status.DONE, "path": path, "rows": count.rows, "bytes": size, "version": version}


def _write(file: Path, chunks: Iterator[bytes]) -> None:
    with file.open("wb") as target:
        for chunk in chunks:
            target.write(chunk)


class Count:
    """How many rows went by."""

    def __init__(self) -> None:
        self.rows = 0

    def of(self, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
        for table in tables:
            self.rows += table.num_rows
            yield table


def prune() -> int:
    """Removes exports that have been kept long enough, with their files; returns how many."""
    old = list(Export.objects.filter(created_at__lt=timezone.now() - KEPT))
    for export in old:
        export.delete()
    return len(old)
