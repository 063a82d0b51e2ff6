"""`/api/v1/blackboard`: the calculators, the latest changes of role, and what people may ask for."""

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from blackboard import queries
from blackboard.asking import Impossible, ask
from blackboard.decisions import Change, Wish
from blackboard.loop import now_ms
from blackboard.models import Calculator
from blackboard.models import Request as RequestRow

TRANSITIONS = 100
REQUESTS = 20


class LeaseSerializer(serializers.Serializer[dict[str, Any]]):
    until = serializers.DateTimeField()
    valid = serializers.BooleanField()


class CalculatorSerializer(serializers.Serializer[dict[str, Any]]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    host = serializers.CharField()
    pid = serializers.IntegerField()
    shard = serializers.IntegerField()
    role = serializers.ChoiceField(["live", "next", "support"])
    fence = serializers.IntegerField()
    position = serializers.IntegerField()
    epoch = serializers.IntegerField()
    held = serializers.IntegerField(allow_null=True, help_text="The epoch whose repair is left to next.")
    ready = serializers.BooleanField(help_text="Has caught up since it was started.")
    draining = serializers.BooleanField(help_text="Shall have no role.")
    tether_events = serializers.IntegerField()
    tether_seconds = serializers.FloatField()
    registered_at = serializers.DateTimeField()
    lease = LeaseSerializer()


class TransitionSerializer(serializers.Serializer[dict[str, Any]]):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    shard = serializers.IntegerField()
    role = serializers.ChoiceField(["live", "next", "support"])
    calculator = serializers.CharField()
    change = serializers.ChoiceField([str(change) for change in Change])
    reason = serializers.CharField()


class RequestSerializer(serializers.Serializer[dict[str, Any]]):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    by = serializers.CharField()
    shard = serializers.IntegerField()
    wish = serializers.ChoiceField([str(wish) for wish in Wish])
    calculator = serializers.CharField(allow_null=True)
    answer = serializers.CharField(allow_null=True, help_text="granted, or why not; null while it waits.")
    answered_at = serializers.DateTimeField(allow_null=True)


class BlackboardSerializer(serializers.Serializer[dict[str, Any]]):
    calculators = CalculatorSerializer(many=True)
    requests = RequestSerializer(many=True)
    transitions = TransitionSerializer(many=True)


class BlackboardView(APIView):
    """Who calculates, who holds which role and how far everyone is; the last 100 changes of role, newest first."""

    @extend_schema(responses=BlackboardSerializer)
    def get(self, request: Request) -> Response:
        refuse_parameters(request)
        changes = queries.transitions(TRANSITIONS)
        return Response(
            {
                "calculators": queries.calculators(now_ms()),
                "requests": [queries.asked(row) for row in queries.requests(REQUESTS)],
                "transitions": [queries.shown(change) for change in changes],
            }
        )


class CalculatorField(serializers.Field[Calculator, Any, Any, Any]):
    """A calculator by its id or its name."""

    default_error_messages: ClassVar = {"unknown": "There is no such calculator."}

    def to_internal_value(self, data: Any) -> Calculator:
        known = isinstance(data, str) or type(data) is int
        found = Calculator.objects.filter(**{"name" if isinstance(data, str) else "pk": data}) if known else None
        if found is None or (calculator := found.first()) is None:
            self.fail("unknown")
        return calculator


class PromotionSerializer(serializers.Serializer[dict[str, Any]]):
    shard = serializers.IntegerField(min_value=0, max_value=1023)
    calculator = extend_schema_field(OpenApiTypes.STR)(CalculatorField)(
        required=False, allow_null=True, help_text="Its name or id; default: whoever is next."
    )


class DrainSerializer(serializers.Serializer[dict[str, Any]]):
    calculator = extend_schema_field(OpenApiTypes.STR)(CalculatorField)(help_text="Its name or id.")


class Conflict(APIException):
    status_code = 409
    default_code = "conflict"


class Asking(APIView):
    """Answers 202 with the request that the controller is to decide on, or 409 where nothing can come of it."""

    def _ask(self, request: Request, wish: Wish, shard: int, calculator: Calculator | None) -> Response:
        refuse_parameters(request)
        try:
            number = ask(
                shard=shard,
                wish=wish,
                calculator_id=calculator.pk if calculator else None,
                by=request.user.get_username(),
            )
        except Impossible as reason:
            raise Conflict(str(reason)) from None
        return Response(queries.asked(RequestRow.objects.get(pk=number)), status=202)


class PromoteView(Asking):
    """Makes a calculator live as soon as it has caught up; who was live becomes next."""

    @extend_schema(request=PromotionSerializer, responses={202: RequestSerializer})
    def post(self, request: Request) -> Response:
        asked = PromotionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return self._ask(request, Wish.PROMOTE, asked.validated_data["shard"], asked.validated_data.get("calculator"))


class DrainView(Asking):
    """Takes every role from a calculator and gives it none: a live one first hands over to next."""

    wish = Wish.DRAIN

    @extend_schema(request=DrainSerializer, responses={202: RequestSerializer})
    def post(self, request: Request) -> Response:
        asked = DrainSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        calculator = asked.validated_data["calculator"]
        return self._ask(request, self.wish, calculator.shard, calculator)


class UndrainView(DrainView):
    """Lets a calculator have roles again."""

    wish = Wish.UNDRAIN


def refuse_parameters(request: Request) -> None:
    """This route takes no parameters; raises ValidationError that names each one given."""
    if unknown := sorted(request.query_params):
        raise serializers.ValidationError(dict.fromkeys(unknown, "There is no such parameter here."))
