"""`GET /api/v1/blackboard`: the calculators and the latest changes of role."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from blackboard import queries
from blackboard.loop import now_ms

TRANSITIONS = 100


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
    change = serializers.ChoiceField(["appointed", "vacated"])
    reason = serializers.CharField()


class BlackboardSerializer(serializers.Serializer[dict[str, Any]]):
    calculators = CalculatorSerializer(many=True)
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
                "transitions": [queries.shown(change) for change in changes],
            }
        )


def refuse_parameters(request: Request) -> None:
    """This route takes no parameters; raises ValidationError that names each one given."""
    if unknown := sorted(request.query_params):
        raise serializers.ValidationError(dict.fromkeys(unknown, "There is no such parameter here."))
