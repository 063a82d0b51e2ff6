"""Walking through what the API answers."""

from collections.abc import Callable, Iterator
from typing import Any

from django.test import Client


def all_pages(
    client: Client, path: str, *, meanwhile: Callable[[], None] = lambda: None, **query: Any
) -> Iterator[dict[str, Any]]:
    """The results of every page; `meanwhile` is called between two of them."""
    body = client.get(path, query).json()
    while True:
        yield from body["results"]
        if body["next"] is None:
            return
        meanwhile()
        body = client.get(body["next"]).json()


def content(client: Client, path: str, **query: Any) -> bytes:
    """The whole body of a streamed answer."""
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.content
    return b"".join(answer)


def errors(client: Client, path: str, **query: Any) -> list[tuple[str, str]]:
    """(pointer, code) of each error of a 400."""
    answer = client.get(path, query)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
