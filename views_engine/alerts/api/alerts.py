"""GET /dashboard/alerts, /alerts/{id} and its revisions."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from devices.pagination import after as behind
from views_engine.alerts.api import responses, shapes
from views_engine.alerts.models import Alert, Revision, Severity, State
from views_engine.alerts.reading import read_mirrored
from views_engine.api import cursors
from views_engine.api.answers import json_answer, rows_of
from views_engine.api.base import ListView, ReadView, Values, paged, read_cursor
from views_engine.api.formats import objects
from views_engine.api.listing import Listing, Rows
from views_engine.api.parameters import CURSOR, DEVICE_ID, FROM, LIMIT, TO, Parameter, choice, whole
from views_engine.api.schema import described
from views_engine.reading import Version
from views_engine.reading.versions import as_json

STATE = choice("state", "Only alerts in this state.", *State.values)
SEVERITY = choice("severity", "Only alerts of this severity.", *Severity.values)
RULE = whole("rule", "Only alerts of the rule with this id.")
PARAMETERS = paged(STATE, SEVERITY, DEVICE_ID, RULE, FROM, TO)
FILTERS = ("state", "severity", "device_id", "rule", "from", "to")
NEWEST_FIRST = ("-started_at", "-id")
ID = OpenApiParameter("alert_id", OpenApiTypes.INT, OpenApiParameter.PATH, description="The id of an alert.")

MOST_ID = 2**63 - 1


@described(
    summary="Alerts",
    description="The newest first. `from` and `to`: only alerts that lasted within this time.",
    answer=responses.ALERTS,
    parameters=PARAMETERS,
)
class AlertList(ListView):
    parameters: ClassVar[tuple[Parameter, ...]] = PARAMETERS
    file_name = "alerts"

    def listing(self, values: Values, at_least: Version | None, **path: str) -> Listing:
        raise NotImplementedError("alerts are records in the database")

    def everything(self, values: Values, at_least: Version | None, **path: str) -> Rows:
        found = _filtered(values)
        table, version = read_mirrored(self.reader, lambda: shapes.table(found.all()), at_least=at_least)
        return rows_of(table, version)

    def page(self, request: Request, values: Values, at_least: Version | None, **path: str) -> HttpResponseBase:
        question = {"route": request.path, **{name: values[name] for name in FILTERS}}
        after, limit = read_cursor(values, question).get(0), values["limit"]
        found = behind(_filtered(values), NEWEST_FIRST, after)[: limit + 1]
        alerts, version = read_mirrored(self.reader, lambda: list(found.all()), at_least=at_least)
        page = alerts[:limit]
        more = len(alerts) > limit
        cursor = cursors.write({0: [page[-1].started_at, page[-1].pk]}, question=question) if more else None
        url = request.build_absolute_uri()
        body = {
            "results": objects(shapes.table(page)),
            "next": replace_query_param(url, "cursor", cursor) if cursor else None,
            "version": as_json(version),
        }
        return json_answer(request._request, body, version)


def _filtered(values: Values) -> QuerySet[Alert]:
    found = Alert.objects.select_related("acknowledged_by", "assignee").order_by(*NEWEST_FIRST)
    for name in ("state", "severity", "rule"):
        if values[name] is not None:
            found = found.filter(**{name: values[name]})
    if values["device_id"] is not None:
        found = found.filter(device_id__in=values["device_id"])
    if values["from"] is not None:
        found = found.filter(Q(cleared_at=None) | Q(cleared_at__gte=values["from"]))
    return found if values["to"] is None else found.filter(started_at__lt=values["to"])


@described(summary="One alert", answer=responses.ALERT, parameters=(), streamed=False, path=[ID])
class AlertDetail(ReadView):
    def get(self, request: Request, alert_id: int) -> HttpResponseBase:
        self.values(request)
        body, version = read_mirrored(
            self.reader, lambda: shapes.detail(alert_of(alert_id)), at_least=self.at_least(request)
        )
        return json_answer(request._request, body, version)


REVISION_PARAMETERS = (LIMIT, CURSOR)


@described(
    summary="What became of an alert",
    description="The oldest first: every change, from what, to what, and the late event that caused it, if one did.",
    answer=responses.REVISIONS,
    parameters=REVISION_PARAMETERS,
    streamed=False,
    path=[ID],
)
class RevisionList(ReadView):
    parameters: ClassVar[tuple[Parameter, ...]] = REVISION_PARAMETERS

    def get(self, request: Request, alert_id: int) -> HttpResponseBase:
        values, question = self.values(request), {"route": request.path}
        after = read_cursor(values, question).get(0, [0])[0]

        def read() -> list[Revision]:
            return list(alert_of(alert_id).revisions.filter(revision__gt=after)[: values["limit"] + 1])

        revisions, version = read_mirrored(self.reader, read, at_least=self.at_least(request))
        page = revisions[: values["limit"]]
        body = {
            "results": [shapes.revision(one) for one in page],
            "next": _next(request, question, page[-1].revision) if len(revisions) > len(page) else None,
            "version": as_json(version),
        }
        return json_answer(request._request, body, version)


def _next(request: Request, question: Mapping[str, Any], last: int) -> str:
    cursor = cursors.write({0: [last]}, question=question)
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor)


def alert_of(alert_id: int) -> Alert:
    """The alert; raises NotFound."""
    found = Alert.objects.select_related("acknowledged_by", "assignee")
    alert = found.filter(pk=alert_id).first() if alert_id <= MOST_ID else None
    if alert is None:
        raise NotFound(f"There is no alert {alert_id}.")
    return alert
