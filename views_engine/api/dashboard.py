"""GET /dashboard/devices and /dashboard/metrics: the fleet at a glance."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from blackboard import board
from blackboard.decisions import RoleName
from blackboard.loop import now_ms
from blackboard.queries import places
from devices.models import Device
from views_engine.alerts.reading import count_open, wait_briefly
from views_engine.api import cursors, responses
from views_engine.api.answers import json_answer, rows_of
from views_engine.api.base import ListView, ReadView, Values, paged, read_cursor
from views_engine.api.catalogue import units
from views_engine.api.fleet import Filters, Presence, online_devices, read_fleet
from views_engine.api.formats import objects
from views_engine.api.ledger import ledger_of
from views_engine.api.listing import Listing, Rows
from views_engine.api.parameters import DEVICE_ID, Parameter, choice, text
from views_engine.api.schema import described
from views_engine.reading import ShardAnswer, Version
from views_engine.reading.reader import Query
from views_engine.reading.versions import as_json

RATE_WINDOW_MS = 60_000
LATE_WINDOW_MS = 3_600_000
RATE_BUCKET_MS, LATE_BUCKET_MS = 1_000, 60_000

GROUP = text("group", "Only devices of the group with this name.")
TAG = text("tag", "Only devices with this tag.")
SEARCH = text("search", "Only devices whose id or name holds this text.")
ONLINE = choice("online", "Only devices that are online (true) or offline (false).", "true", "false")


PARAMETERS = paged(DEVICE_ID, GROUP, TAG, SEARCH, ONLINE)


@described(
    summary="The state of every device",
    description="All registered devices by id, with their newest reading of each type.",
    answer=responses.DEVICE_STATES,
    parameters=PARAMETERS,
)
class DeviceStates(ListView):
    parameters: ClassVar[tuple[Parameter, ...]] = PARAMETERS
    file_name = "devices"

    def listing(self, values: Values, at_least: Version | None, **path: str) -> Listing:
        raise NotImplementedError("devices come from the registry, their states from the views")

    def everything(self, values: Values, at_least: Version | None, **path: str) -> Rows:
        named = self._named(_filters(values), at_least, after="", most=None)
        fleet = read_fleet(self.reader, named, units(), at_least=at_least)
        return rows_of(fleet.rows, fleet.version)

    def page(self, request: Request, values: Values, at_least: Version | None, **path: str) -> HttpResponseBase:
        filters, limit = _filters(values), values["limit"]
        question = {"route": request.path, **{name: values[name] for name in ("device_id", "group", "tag")}}
        question |= {name: values[name] for name in ("search", "online")}
        after = read_cursor(values, question).get(0, [""])[0]
        named = self._named(filters, at_least, after=after, most=limit + 1)
        shown = dict(islice(named.items(), limit))
        fleet = read_fleet(self.reader, shown, units(), at_least=at_least)
        more = len(named) > limit
        cursor = cursors.write({0: [list(shown)[-1]]}, question=question) if more else None
        url = request.build_absolute_uri()
        body = {
            "results": objects(fleet.rows),
            "next": replace_query_param(url, "cursor", cursor) if cursor else None,
            "version": as_json(fleet.version),
        }
        return json_answer(request._request, body, fleet.version)

    def _named(self, filters: Filters, at_least: Version | None, *, after: str, most: int | None) -> dict[str, str]:
        """Names by id of the first `most` devices behind `after`."""
        rows = filters.registered().filter(device_id__gt=after).values_list("device_id", "name").distinct()
        if filters.online is None:
            return dict(rows if most is None else rows[:most])
        online = online_devices(self.reader.query("devices", {}, at_least=at_least))
        wanted = (row for row in rows.iterator() if (row[0] in online) is filters.online)
        return dict(islice(wanted, most))


def _filters(values: Values) -> Filters:
    return Filters(
        device_ids=values["device_id"],
        group=values["group"],
        tag=values["tag"],
        search=values["search"],
        online=None if values["online"] is None else values["online"] == "true",
    )


@described(
    summary="The fleet in figures",
    description=(
        "`events_per_second`: received in the last minute. `late_share`: of the events taken in during the last hour, "
        "those that came late. Both by the receive clock of the log."
    ),
    answer=responses.FLEET,
    parameters=(),
    streamed=False,
)
class FleetMetrics(ReadView):
    def get(self, request: Request) -> HttpResponseBase:
        self.values(request)
        at_least = self.at_least(request)
        clock = max(answer.clock for answer in self.reader.query("ledger", {}, at_least=at_least))
        queries: list[Query] = [
            ("totals", Presence().params()),
            ("ledger", {}),
            ("activity", {"from": clock - RATE_WINDOW_MS, "bucket_ms": RATE_BUCKET_MS}),
            ("activity", {"from": clock - LATE_WINDOW_MS, "bucket_ms": LATE_BUCKET_MS}),
        ]
        totals, ledger, minute, hour = self.reader.together(queries, at_least=at_least)
        version = {answer.shard: answer.version for answer in totals}
        body = {
            "devices": {"total": Device.objects.count(), "online": sum(_one(answer)["online"] for answer in totals)},
            "events_per_second": _recent(minute, "received", RATE_WINDOW_MS) * 1000 / RATE_WINDOW_MS,
            "late_share": _late_share(hour),
            "open_alerts": self._open_alerts(version),
            "shards": [_shard(answer) for answer in totals],
            "ledger": ledger_of(ledger),
            "version": as_json(version),
        }
        return json_answer(request._request, body, version)

    def _open_alerts(self, version: Version) -> int:
        wait_briefly(self.reader, at_least=version)
        return count_open()


def _one(answer: ShardAnswer) -> Mapping[str, Any]:
    return answer.rows[0]


def _recent(answers: Sequence[ShardAnswer], column: str, span_ms: int) -> int:
    """The sum of a column of `activity` over the last `span_ms` of each shard's receive clock."""
    return sum(row[column] for answer in answers for row in answer.rows if row["start"] > answer.clock - span_ms)


def _late_share(activity: Sequence[ShardAnswer]) -> float:
    """Of the events taken in during the last hour, the share that came late; 0 when there were none."""
    late = _recent(activity, "late", LATE_WINDOW_MS)
    taken = late + _recent(activity, "applied", LATE_WINDOW_MS)
    return late / taken if taken else 0.0


def _shard(answer: ShardAnswer) -> dict[str, Any]:
    """Where a shard stands: its answer, and what its live calculator last wrote on the blackboard."""
    seat = board.live(answer.shard)
    others = places(answer.shard, now_ms())
    return {
        "shard": answer.shard,
        **answer.version._asdict(),
        "tether_events": seat.tether_events if seat else None,
        "tether_seconds": seat.tether_seconds if seat else None,
        "live": seat.calculator if seat else None,
        "next": next((place.name for place in others if place.role is RoleName.NEXT), None),
        "support": [place.name for place in others if place.role is RoleName.SUPPORT],
    }
