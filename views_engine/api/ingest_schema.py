"""What `POST /api/v1/events` takes and answers, in the words of OpenAPI."""

from typing import Any

from django.conf import settings

_LIMITS = settings.CONFIG.ingest

EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["device_id", "event_type", "payload"],
    "properties": {
        "device_id": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,64}$"},
        "event_type": {"type": "string", "description": "A built-in type or the slug of a custom one."},
        "payload": {"type": "object", "additionalProperties": True, "description": "Checked by its type."},
        "observed_at": {
            "type": "string",
            "format": "date-time",
            "nullable": True,
            "description": "The device's time, with an offset; our receive time when absent.",
        },
        "event_id": {
            "type": "string",
            "pattern": "^[!-~]{1,64}$",
            "nullable": True,
            "description": "Derived from the content when absent.",
        },
        "seq": {
            "type": "integer",
            "minimum": 0,
            "maximum": 2**63 - 1,
            "nullable": True,
            "description": "The device's own counter.",
        },
    },
}
_EXAMPLE = {
    "device_id": "meter-7",
    "event_type": "temperature",
    "observed_at": "2026-01-31T12:00:00.000Z",
    "payload": {"value": 21.5, "unit": "celsius"},
}
_ERROR = {
    "index": 2,
    "pointer": "/payload/value",
    "code": "out_of_range",
    "detail": "Temperature lies between -273.15 and 1000 celsius",
}
ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["received", "accepted", "refused", "errors"],
    "properties": {
        "received": {"type": "integer", "minimum": 1},
        "accepted": {"type": "integer", "minimum": 1},
        "refused": {"type": "integer", "minimum": 0},
        "errors": {"type": "array", "maxItems": 1000, "items": {"$ref": "#/components/schemas/ProblemItem"}},
    },
}


def _problem(description: str, *, wait: bool = False) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if wait:
        answer["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}}}
    return answer


POST_EVENTS: dict[str, Any] = {
    "operationId": "events_create",
    "summary": "Bring events",
    "description": (
        "One event, an array of events, or NDJSON; plain or with `Content-Encoding: gzip`. At most "
        f"{_LIMITS.max_events:,} events, {_LIMITS.max_bytes >> 20} MiB as sent, "
        f"{_LIMITS.max_unpacked_bytes >> 20} MiB unpacked, {_LIMITS.max_depth} levels deep. "
        "202 means durable. One refused event never harms its neighbours; each is listed in `errors`."
    ),
    "tags": ["events"],
    "security": [{"token": []}, {"cookieAuth": []}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [EVENT, {"type": "array", "minItems": 1, "items": EVENT}]},
                "examples": {"one": {"value": _EXAMPLE}, "several": {"value": [_EXAMPLE, {**_EXAMPLE, "seq": 8}]}},
            },
            "application/x-ndjson": {"schema": {"type": "string", "description": "One event a line."}},
        },
    },
    "responses": {
        "202": {
            "description": "What was accepted is durable.",
            "content": {
                "application/json": {
                    "schema": ANSWER,
                    "example": {"received": 3, "accepted": 2, "refused": 1, "errors": [_ERROR]},
                }
            },
        },
        "400": _problem("The body cannot be read at all."),
        "401": _problem("No valid token."),
        "403": _problem("This token may not bring events."),
        "413": _problem("Too large."),
        "415": _problem("Another media type or content coding."),
        "422": _problem("Nothing in it is acceptable."),
        "429": _problem("Too fast.", wait=True),
        "503": _problem("The log cannot take it now; nothing of the batch was taken.", wait=True),
    },
}
