"""GET /metrics/{event_type}: single readings, or windows of a minute, an hour or a day."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from views_engine.api import responses, shapes
from views_engine.api.base import ListView, Values, paged
from views_engine.api.catalogue import units
from views_engine.api.listing import Listing, Page, Shape
from views_engine.api.parameters import DEVICE_ID, FROM, TO, Parameter, choice
from views_engine.api.resolution import WINDOW_MS, default_resolution
from views_engine.api.schema import described
from views_engine.reading import Version

RAW = "raw"
TREND = ("device_id", "percent_per_day", "days_left")
RESOLUTION = choice(
    "resolution",
    "Length of the windows, or raw for single readings. By default the finest of 1m, 1h and 1d that gives at most "
    "1,000 windows a device.",
    RAW,
    *WINDOW_MS,
)


PARAMETERS = paged(DEVICE_ID, FROM, TO, RESOLUTION)
TYPE = OpenApiParameter("event_type", str, OpenApiParameter.PATH, examples=[OpenApiExample("example", "temperature")])


@described(
    summary="Single readings or windows of one event type",
    description=(
        "Windows are aligned to UTC; `from` and `to` apply to their start. Numbers have `count`, `min`, `max`, `mean`, "
        "`sum`, `first` and `last`; locations have `distance_m`. Battery adds `trends`."
    ),
    answer=responses.METRICS,
    parameters=PARAMETERS,
    path=[TYPE],
)
class MetricList(ListView):
    parameters: ClassVar[tuple[Parameter, ...]] = PARAMETERS
    file_name = "metrics"

    def listing(self, values: Values, at_least: Version | None, **path: str) -> Listing:
        event_type, known = path["event_type"], units()
        if event_type not in known:
            raise NotFound(f"There is no event type {event_type!r}; known are {', '.join(sorted(known))}.")
        asked = {"device_ids": values["device_id"], "from": values["from"], "to": values["to"]}
        extent = {"extent": {**asked, "event_type": event_type}} if values["resolution"] is None else {}
        resolution = values["resolution"] or self._default(extent["extent"], at_least)
        trends = {"battery_trends": {"device_ids": values["device_id"]}} if event_type == "battery" else {}
        return Listing(
            shape=_shape(event_type, resolution),
            params=_asked(event_type, resolution, asked),
            head={"event_type": event_type, "unit": known[event_type], "resolution": resolution},
            beside={**extent, **trends},
        )

    def _default(self, extent: Mapping[str, Any], at_least: Version | None) -> str:
        answers = self.reader.query("extent", extent, at_least=at_least)
        return _default_of(extent, [row for answer in answers for row in answer.rows])

    def holds(self, listing: Listing, page: Page) -> bool:
        """Whether the default resolution is still the one that was chosen."""
        extent = listing.beside.get("extent")
        return extent is None or _default_of(extent, page.beside["extent"]) == listing.head["resolution"]

    def beside(self, listing: Listing, page: Page) -> Mapping[str, Any]:
        """Trends of the devices asked for or, where none were named, of those on the page."""
        if "battery_trends" not in listing.beside:
            return {}
        wanted = set(listing.params["device_ids"] or page.rows["device_id"].to_pylist())
        rows = sorted(page.beside["battery_trends"], key=lambda row: str(row["device_id"]))
        return {"trends": [{name: row[name] for name in TREND} for row in rows if row["device_id"] in wanted]}

    def next_url(self, request: Request, listing: Listing, cursor: str | None) -> str | None:
        """The next page keeps the resolution of this one, also when new data would make another the default."""
        url = super().next_url(request, listing, cursor)
        return url and replace_query_param(url, RESOLUTION.name, listing.head["resolution"])


def _default_of(extent: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    return default_resolution(
        start=extent["from"],
        end=extent["to"],
        oldest=min((row["oldest"] for row in rows if row["oldest"] is not None), default=None),
        newest=max((row["newest"] for row in rows if row["newest"] is not None), default=None),
    )


def _shape(event_type: str, resolution: str) -> Shape:
    if event_type == "location":
        return shapes.POSITIONS if resolution == RAW else shapes.TRACK
    return shapes.READINGS if resolution == RAW else shapes.WINDOWS


def _asked(event_type: str, resolution: str, params: Mapping[str, Any]) -> dict[str, Any]:
    asked = dict(params)
    if event_type != "location" or resolution == RAW:
        asked["event_type"] = event_type
    if resolution != RAW:
        asked["resolution"] = resolution
    return asked
