"""The ASGI application that takes events: who asks, what they send, and what became of it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic, perf_counter
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError

from blackboard.loop import now_ms
from devices.problems import MAX_ERRORS
from devices.registry import Speaker, get_registry
from devices.roles import Role
from events.event import Refusal
from events.event_types import EventTypes
from events.ingest import answers, metrics
from events.ingest.answers import Answer, NotTaken
from events.ingest.body import ClientGone, Media, Receive, media_of, packed_of, received
from events.ingest.judging import Judged, judge
from events.ingest.kept_types import KeptTypes
from events.ingest.limits import Limits
from events.ingest.pace import Pace
from events.ingest.registry import Registry
from events.ingest.session import Session, django_session
from events.ingest.writer import Writer
from events.log import get_log
from events.log.base import Log, LogUnavailable

logger = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

SMALL_BODY = 16 * 1024
"""Up to so many bytes a body is judged at once; larger ones in a thread, so that the event loop goes on."""

RETRY_S = 1


class Ingest:
    """`POST /api/v1/events` as docs/api.md says it, with everything it needs handed in.

    `types` may block. `clock` gives milliseconds since 1970, `now` seconds for paces. `session` says who a browser's
    session belongs to; without it only tokens count.
    """

    def __init__(  # noqa: PLR0913
        self,
        *,
        log: Log,
        registry: Registry,
        types: Callable[[], EventTypes],
        limits: Limits,
        clock: Callable[[], int],
        session: Session | None = None,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._registry, self._limits, self._session, self._now = registry, limits, session, now
        self._types = KeptTypes(types, now)
        self._pace = Pace(limits.events_per_second)
        self._writer = Writer(log, clock=clock)
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="large-bodies")

    @classmethod
    def from_settings(cls) -> "Ingest":
        """The door of this process: the log, the registry and the limits of the settings."""
        from events.catalogue import event_types

        return cls(
            log=get_log(),
            registry=get_registry(),
            types=event_types,
            limits=settings.CONFIG.ingest,
            clock=now_ms,
            session=django_session,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        try:
            answer = await self._answer(scope, receive)
        except ClientGone:
            return
        except NotTaken as reason:
            answer = reason.answer()
        metrics.requests.labels(str(answer.status)).inc()
        metrics.request_seconds.observe(perf_counter() - started)
        for message in answer.messages():
            await send(message)

    def close(self) -> None:
        self._reader.shutdown()
        self._writer.close()

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        headers = _headers(scope)
        try:
            speaker, token = await self._who(scope, headers)
            _may_send(speaker)
            media = media_of(headers.get("content-type", ""))
            packed = packed_of(headers.get("content-encoding", ""))
            self._in_pace(token)
            body = await received(receive, declared=headers.get("content-length", ""), max_bytes=self._limits.max_bytes)
            judged = await self._judge(body, media, packed)
            self._pace.take(token, judged.received, self._now())
            return await self._take(await self._vouched(judged, speaker))
        except DatabaseError as error:
            logger.error("database_unavailable", error=str(error))
            raise answers.later(503, "The database cannot be asked now.", RETRY_S) from None

    async def _who(self, scope: Scope, headers: Mapping[str, str]) -> tuple[Speaker, str]:
        """The speaker, and what their pace is counted by."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme:
            speaker = await self._registry.aspeaker(token.strip()) if scheme.lower() == "bearer" else None
            if speaker is None:
                raise answers.unauthorized("The token is not known, or revoked.")
            return speaker, token
        speaker = await self._session(scope) if self._session and "cookie" in headers else None
        if speaker is None:
            raise answers.unauthorized("A token is needed: Authorization: Bearer <token>.")
        return speaker, f"session {speaker.name}"

    def _in_pace(self, token: str) -> None:
        wait_s = self._pace.wait_s(token, self._now())
        if wait_s:
            raise answers.later(429, "Too many events for this token.", wait_s)

    async def _judge(self, body: bytes, media: Media, packed: bool) -> Judged:
        judged = await self._judged_by(await self._types.get(), body, media, packed)
        if any(refusal.code == "unknown_event_type" for refusal in judged.refused.values()):
            return await self._judged_by(await self._types.fresh(), body, media, packed)
        return judged

    async def _judged_by(self, types: EventTypes, body: bytes, media: Media, packed: bool) -> Judged:
        judging = partial(judge, body, media, packed=packed, limits=self._limits, types=types)
        if len(body) <= SMALL_BODY and not packed:
            return judging()
        return await asyncio.get_running_loop().run_in_executor(self._reader, judging)

    async def _vouched(self, judged: Judged, speaker: Speaker) -> Judged:
        """Without the events of devices that the speaker may not speak for, or that nobody knows."""
        devices = set(judged.devices)
        own = speaker.may_speak_for(devices)
        known = await self._registry.aknown(own)
        if speaker.registers and known < own:
            known |= await asyncio.to_thread(self._registry.register, own - known)
        bad = dict.fromkeys(devices - own, _NOT_YOURS) | dict.fromkeys(own - known, _UNKNOWN)
        return judged.without(bad)

    async def _take(self, judged: Judged) -> Answer:
        if judged.lines:
            try:
                await self._writer.write(judged.lines, judged.devices)
            except LogUnavailable as reason:
                logger.error("log_unavailable", error=str(reason), events=len(judged.lines))
                raise answers.later(503, f"Nothing was taken, the log cannot take it now: {reason}.", RETRY_S) from None
        metrics.accepted.inc(len(judged.lines))
        for code, count in Counter(refusal.code for refusal in judged.refused.values()).items():
            metrics.refused.labels(code).inc(count)
        return answers.taken(judged.received, len(judged.refused), judged.errors(MAX_ERRORS))


_NOT_YOURS = Refusal("not_your_device", "/device_id", "this token may not speak for that device")
_UNKNOWN = Refusal("unknown_device", "/device_id", "there is no such device")


def _may_send(speaker: Speaker) -> None:
    if speaker.kind == "person" and not (speaker.role and speaker.role.includes(Role.OPERATOR)):
        raise NotTaken(403, "Sending events takes the role of an operator.")


def _headers(scope: Scope) -> dict[str, str]:
    """The headers by name in lower case; what came several times is joined, as HTTP has it."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
