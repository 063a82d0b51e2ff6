"""What every reading route shares: its parameters, the version asked for, and how failures are told."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from devices import problems
from events.log import get_log
from events.log.base import Topic
from views_engine.api import cursors, parameters
from views_engine.api.answers import format_of, json_answer, stream_answer
from views_engine.api.formats import objects
from views_engine.api.listing import Listing, Page, Rows, read_all, read_page
from views_engine.api.parameters import CURSOR, FORMAT, LIMIT, BadParameter, BadParameters, Parameter
from views_engine.reading import BadVersion, Reader, Unavailable, Version, get_reader
from views_engine.reading.versions import as_json, parse_version

VERSION_HEADER = "X-View-Version"
Values = dict[str, Any]


class ReadView(APIView):
    """A route that reads views. `parameters` are all it understands; anything else is refused."""

    parameters: ClassVar[tuple[Parameter, ...]] = ()

    @property
    def reader(self) -> Reader:
        return get_reader()

    def values(self, request: Request) -> Values:
        return parameters.read(request.query_params, self.parameters)

    def at_least(self, request: Request) -> Version | None:
        """The version the client has seen; raises BadParameters for one that none of our answers ever carried."""
        sent = request.headers.get(VERSION_HEADER)
        if sent is None:
            return None
        try:
            version = parse_version(sent, shards=self.reader.shards)
            _check_reached(version)
        except BadVersion as error:
            raise BadParameters([BadParameter(VERSION_HEADER, "bad_version", str(error))]) from error
        return version

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """The formats are ours to choose: see `format_of`."""
        return JSONRenderer(), JSONRenderer.media_type

    def handle_exception(self, exc: Exception) -> Any:
        return super().handle_exception(_as_problem(exc))


class ListView(ReadView):
    """A route that is a list: pages as JSON, or every row in a streamed format."""

    file_name: ClassVar[str]

    def get(self, request: Request, **path: str) -> HttpResponseBase:
        values = self.values(request)
        at_least = self.at_least(request)
        form = format_of(request._request, values["format"])
        if form != "json":
            _refuse_paging(request)
            return stream_answer(self.everything(values, at_least, **path), name=self.file_name, form=form)
        return self.page(request, values, at_least, **path)

    @abstractmethod
    def listing(self, values: Values, at_least: Version | None, **path: str) -> Listing:
        """The question that these values ask."""

    def everything(self, values: Values, at_least: Version | None, **path: str) -> Rows:
        return read_all(self.reader, self.listing(values, at_least, **path), at_least=at_least)

    def page(self, request: Request, values: Values, at_least: Version | None, **path: str) -> HttpResponseBase:
        listing = self.listing(values, at_least, **path)
        question = {"route": request.path, **listing.params}
        page = read_page(
            self.reader, listing, after=read_cursor(values, question), limit=values["limit"], at_least=at_least
        )
        if not self.holds(listing, page):
            return self.page(request, values, at_least, **path)
        cursor = None if page.after is None else cursors.write(page.after, question=question)
        body = {
            **listing.head,
            "results": objects(page.rows),
            **self.beside(listing, page),
            "next": self.next_url(request, listing, cursor),
            "version": as_json(page.version),
        }
        return json_answer(request._request, body, page.version)

    def holds(self, listing: Listing, page: Page) -> bool:
        """Whether what the listing took for granted is still so at the version of the page; else it is asked anew."""
        return True

    def beside(self, listing: Listing, page: Page) -> Mapping[str, Any]:
        """Members of the answer that come from the queries beside."""
        return {}

    def next_url(self, request: Request, listing: Listing, cursor: str | None) -> str | None:
        return None if cursor is None else replace_query_param(request.build_absolute_uri(), "cursor", cursor)


def paged(*own: Parameter) -> tuple[Parameter, ...]:
    """The parameters of a list: its own, those of paging, and the format."""
    return (*own, LIMIT, CURSOR, FORMAT)


def read_cursor(values: Values, question: Mapping[str, Any]) -> dict[int, list[Any]]:
    """Where the page begins; raises BadParameters for a cursor that is not one of this question."""
    if values["cursor"] is None:
        return {}
    try:
        return cursors.read(values["cursor"], question=question)
    except cursors.BadCursor as error:
        raise BadParameters([BadParameter("cursor", "bad_cursor", str(error))]) from error


def _refuse_paging(request: Request) -> None:
    sent = [name for name in ("limit", "cursor") if name in request.query_params]
    if sent:
        sentence = "is for pages of JSON: other formats stream every row"
        raise BadParameters([BadParameter(name, "not_with_format", sentence) for name in sent])


def _check_reached(version: Version) -> None:
    """A version beyond the end of the ordered log was never given to anybody: nothing to wait for."""
    for shard, position in version.items():
        if position.position > get_log().head(Topic.ORDERED, shard).position:
            raise BadVersion(f"shard {shard} has never been at position {position.position}")


def _as_problem(exc: Exception) -> Exception:
    problem: APIException
    if isinstance(exc, BadParameters):
        first = exc.errors[0]
        detail = f"{first.name} {first}" if len(exc.errors) == 1 else f"{len(exc.errors)} parameters are not valid."
        problem = problems.RowErrors(detail, exc.listed())
    elif isinstance(exc, Unavailable):
        problem = problems.Unavailable(f"The views cannot be read now: {exc.reason}.", wait=exc.retry_after_s)
    else:
        return exc
    return problem
