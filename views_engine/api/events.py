"""GET /events: the events themselves, by time of observation."""

from typing import ClassVar

from views_engine.api import responses, shapes
from views_engine.api.base import ListView, Values, paged
from views_engine.api.catalogue import units
from views_engine.api.corrections import SHARD, one_shard
from views_engine.api.listing import Listing
from views_engine.api.parameters import DEVICE_ID, EVENT_TYPE, FROM, TO, Parameter, choice, whole
from views_engine.api.schema import described
from views_engine.reading import Version

EPOCH = whole("epoch", "Only the late events that this epoch let in.")
ORDER = choice("order", "By time of observation, oldest (asc) or newest (desc) first.", "asc", "desc", default="asc")


PARAMETERS = paged(DEVICE_ID, EVENT_TYPE, FROM, TO, ORDER, EPOCH, SHARD)


@described(
    summary="Events by time of observation",
    description="By `observed_at`, then `device_id`, then the rest of the order.",
    answer=responses.EVENTS,
    parameters=PARAMETERS,
)
class EventList(ListView):
    parameters: ClassVar[tuple[Parameter, ...]] = PARAMETERS
    file_name = "events"

    @property
    def default_response_headers(self) -> dict[str, str]:
        """POST is allowed here, too: it never comes as far as Django."""
        return {**super().default_response_headers, "Allow": "GET, HEAD, POST, OPTIONS"}

    def listing(self, values: Values, at_least: Version | None, **path: str) -> Listing:
        params = {
            "device_ids": values["device_id"],
            "event_type": values["event_type"],
            "from": values["from"],
            "to": values["to"],
            "order": values["order"],
            "epoch": values["epoch"],
        }
        shape = shapes.events(units(), descending=values["order"] == "desc")
        return Listing(shape=shape, params=params, shards=one_shard(values, self.reader.shards))
