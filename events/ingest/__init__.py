"""The door: `POST /api/v1/events` as a plain ASGI application, from a request's bytes to the raw log."""

from events.ingest.door import Ingest

__all__ = ["Ingest"]
