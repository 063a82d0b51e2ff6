"""What the door says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from devices.problems import MAX_ERRORS, MEDIA_TYPE, problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    media_type: str
    headers: dict[str, str] = field(default_factory=dict)

    def messages(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The two ASGI messages of this answer."""
        headers = {"content-type": self.media_type, "content-length": str(len(self.body)), **self.headers}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        return (
            {"type": "http.response.start", "status": self.status, "headers": raw},
            {"type": "http.response.body", "body": self.body},
        )


class NotTaken(Exception):
    """Nothing of the request is taken: the status, a sentence, and where there are several reasons, all of them."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(self) -> Answer:
        return _problem(problem(self.status, self.detail), self.headers)


def unauthorized(detail: str) -> NotTaken:
    return NotTaken(401, detail, www_authenticate='Bearer realm="api"')


def later(status: int, detail: str, seconds: float) -> NotTaken:
    """429 or 503: to be tried again, after so many seconds at least."""
    return NotTaken(status, detail, retry_after=str(max(1, round(seconds + 0.499))))


def taken(received: int, refused: int, errors: Sequence[dict[str, Any]]) -> Answer:
    """202, or 422 when nothing was acceptable; at most `MAX_ERRORS` errors are listed, all are counted."""
    counts = {"received": received, "accepted": received - refused, "refused": refused}
    if refused == received:
        detail = "The event was refused." if received == 1 else f"All {received} events were refused."
        return _problem(problem(422, detail, errors=errors) | counts, {})
    body = orjson.dumps(counts | {"errors": errors[:MAX_ERRORS]})
    return Answer(status=202, body=body, media_type="application/json")


def _problem(body: dict[str, Any], headers: dict[str, str]) -> Answer:
    return Answer(status=body["status"], body=orjson.dumps(body), media_type=MEDIA_TYPE, headers=headers)
