"""/rules and their back-tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ModelViewSet

from devices import problems
from devices.parameters import KnownParameters
from views_engine.alerts import backtest
from views_engine.alerts.api.serializers import (
    AnswerSerializer,
    RuleSerializer,
    RuleTrialSerializer,
    SavedSerializer,
    TrialSerializer,
    changed,
)
from views_engine.alerts.models import Rule
from views_engine.alerts.reaching import version_with
from views_engine.api.times import iso
from views_engine.reading import Unavailable
from views_engine.reading.versions import as_json
from views_engine.rules.interval import Interval


class TooManyAlerts(problems.RowErrors):
    """422: the rule would raise more than anybody could read."""

    status_code = 422


@extend_schema_view(
    create=extend_schema(request=RuleSerializer, responses={201: SavedSerializer}),
    partial_update=extend_schema(request=RuleSerializer, responses=SavedSerializer),
    destroy=extend_schema(description="Its last version judges nothing. Its alerts and its history stay."),
)
class RuleViewSet(KnownParameters, ModelViewSet[Rule]):
    """Rules, by their ids. A change of what is judged is a new version, from its own `effective_from` on."""

    serializer_class = RuleSerializer
    queryset = Rule.objects.present().select_related("created_by", "updated_by")
    lookup_value_regex = r"[0-9]{1,18}"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        rule: Rule = serializer.save()
        rule.created_by = request.user  # type: ignore[assignment]
        return Response(self._saved(rule, serializer), status=201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        return Response(self._saved(serializer.save(), serializer))

    def perform_destroy(self, instance: Rule) -> None:
        instance.updated_by = self.request.user  # type: ignore[assignment]
        instance.delete()

    @extend_schema(request=TrialSerializer, responses=AnswerSerializer, operation_id="rules_backtest_new")
    @action(detail=False, methods=["post"], url_path="backtest", url_name="backtest-new")
    def try_new(self, request: Request) -> Response:
        """What a rule that nobody has saved would have said."""
        return self._try(Rule(), TrialSerializer(data=request.data))

    @extend_schema(request=RuleTrialSerializer, responses=AnswerSerializer)
    @action(detail=True, methods=["post"], url_path="backtest", url_name="backtest")
    def try_one(self, request: Request, pk: str) -> Response:
        """What this rule would have said, changed as the body says."""
        rule = self.get_object()
        return self._try(rule, RuleTrialSerializer(rule, data=request.data, partial=True))

    def _saved(self, rule: Rule, serializer: BaseSerializer[Rule]) -> dict[str, Any]:
        rule.updated_by = self.request.user  # type: ignore[assignment]
        if "effective_from" in serializer.validated_data:
            with _told_as_problems():
                backtest.refuse_a_flood(rule)
        rule.save()
        version = version_with(rule.control or 0, patience_s=settings.CONFIG.alerts.told_within_s)
        return {**RuleSerializer(rule).data, "version": None if version is None else as_json(version)}

    def _try(self, rule: Rule, serializer: TrialSerializer) -> Response:
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        end = values.pop("to", None) or timezone.now()
        begin = values.pop("from", None) or end - backtest.MONTH
        with _told_as_problems():
            trial = backtest.run(changed(rule, values), begin, end)
        return Response(_answer(trial))


@contextmanager
def _told_as_problems() -> Iterator[None]:
    try:
        yield
    except Unavailable as unavailable:
        detail = f"The past cannot be judged now: {unavailable.reason}."
        raise problems.Unavailable(detail, wait=unavailable.retry_after_s) from unavailable
    except backtest.TooManyAlerts as many:
        error = {"pointer": "/effective_from", "code": "too_many_alerts", "detail": str(many)}
        raise TooManyAlerts(str(many), [error]) from many


def _answer(trial: backtest.Trial) -> dict[str, Any]:
    return {
        "count": trial.count,
        "results": [_shown(each) for each in trial.intervals],
        "truncated": trial.truncated,
        "version": as_json(trial.version),
    }


def _shown(interval: Interval) -> dict[str, Any]:
    value = interval.value
    return {
        "device_id": interval.device_id,
        "severity": interval.severity,
        "started_at": iso(interval.started_at),
        "raised_at": iso(interval.raised_at),
        "cleared_at": None if interval.cleared_at is None else iso(interval.cleared_at),
        "value": None if value is None else value / 1_000_000,
    }
