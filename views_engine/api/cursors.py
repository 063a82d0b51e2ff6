"""Cursors: where the next page begins, as text that only we can make and only the same question may use."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.core import signing

After = Mapping[int, Sequence[Any]]
"""The sort key of the last row shown of each shard."""


class BadCursor(ValueError):
    """Not a cursor of ours, or one of another question."""


def write(after: After, *, question: Mapping[str, Any]) -> str:
    signer = signing.Signer(salt=_salt(question))
    return signer.sign_object({str(shard): list(key) for shard, key in after.items()}, compress=True)


def read(cursor: str, *, question: Mapping[str, Any]) -> dict[int, list[Any]]:
    """What `write` was given; raises `BadCursor`."""
    try:
        after = signing.Signer(salt=_salt(question)).unsign_object(cursor)
    except signing.BadSignature as error:
        raise BadCursor("is not a cursor of this question: take it from `next`, with the same filters") from error
    return {int(shard): key for shard, key in after.items()}


def _salt(question: Mapping[str, Any]) -> str:
    """A cursor is signed together with the question that it continues."""
    return f"cursor:{orjson.dumps(question, option=orjson.OPT_SORT_KEYS).decode()}"
