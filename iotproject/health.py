"""`/healthz`: the process lives. `/readyz`: it can serve, or what it lacks."""

from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from blackboard import board
from events.log import get_log
from events.log.base import LogUnavailable, Topic
from views_engine.snapshots.taking import overdue


@csrf_exempt
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@csrf_exempt
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when everything a request may need is there, else 503 with one sentence for each thing missing.

    `notes` says what does not hinder a request and yet wants somebody's eye.
    """
    missing = lacks()
    body = {"status": "unavailable" if missing else "ok", "lacks": missing, "notes": notes()}
    return JsonResponse(body, status=503 if missing else 200, headers={"Cache-Control": "no-store"})


def lacks() -> list[str]:
    """What this process would need to serve and cannot reach, a sentence each."""
    return [sentence for check in CHECKS for sentence in check()]


def notes() -> list[str]:
    """What somebody should look at though everything serves, a sentence each."""
    try:
        return overdue()
    except DatabaseError:
        return []


def database() -> list[str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return [f"The database does not answer: {error}."]
    return []


def log() -> list[str]:
    try:
        for shard in range(settings.CONFIG.log.shards):
            get_log().head(Topic.RAW, shard)
    except LogUnavailable as error:
        return [f"The event log cannot be read: {error}."]
    return []


def calculators() -> list[str]:
    shards = range(settings.CONFIG.log.shards)
    try:
        return [f"No calculator is live for shard {shard}." for shard in shards if board.live(shard) is None]
    except DatabaseError as error:
        return [f"The blackboard cannot be read: {error}."]


CHECKS: tuple[Callable[[], list[str]], ...] = (database, log, calculators)
