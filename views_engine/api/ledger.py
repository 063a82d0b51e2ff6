"""GET /ledger: what became of every event of the raw log."""

from collections.abc import Mapping, Sequence

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from events.log import get_log
from events.log.base import Topic
from events.records import Fate
from views_engine.api import responses
from views_engine.api.answers import json_answer
from views_engine.api.base import ReadView
from views_engine.api.schema import described
from views_engine.reading import ShardAnswer
from views_engine.reading.versions import as_json


def ledger_of(answers: Sequence[ShardAnswer]) -> Mapping[str, int]:
    """Events by fate, from the door's `ledger` answers; `received` is the sum of all the others.

    The head of the raw log is read after the answers, so that it is never behind what they have accounted for.
    """
    counts: dict[str, int] = {fate.value: 0 for fate in Fate if fate is not Fate.PENDING}
    for row in (row for answer in answers for row in answer.rows):
        if row["fate"] in counts:
            counts[row["fate"]] += row["count"]
    received = sum(get_log().head(Topic.RAW, answer.shard).events for answer in answers)
    return {"received": received, **counts, "pending": received - sum(counts.values())}


@described(
    summary="What became of every event",
    description="`received` is always the sum of the others; `pending` 0 means idle and exact.",
    answer=responses.LEDGER,
    parameters=(),
    streamed=False,
)
class LedgerView(ReadView):
    def get(self, request: Request) -> HttpResponseBase:
        self.values(request)
        answers = self.reader.query("ledger", {}, at_least=self.at_least(request))
        version = {answer.shard: answer.version for answer in answers}
        return json_answer(request._request, {**ledger_of(answers), "version": as_json(version)}, version)
