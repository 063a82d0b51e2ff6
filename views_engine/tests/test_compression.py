import gzip

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from views_engine.api.compression import compressed

LONG = b'{"results": [' + b"1," * 500 + b"1]}"


def answer(response: HttpResponseBase, accepts: str = "gzip") -> HttpResponseBase:
    request = RequestFactory().get("/", HTTP_ACCEPT_ENCODING=accepts)

    def view(request: HttpRequest) -> HttpResponseBase:
        return response

    wrapped: HttpResponseBase = compressed(view)(request)
    return wrapped


def test_a_long_json_page_is_compressed_for_who_accepts_it() -> None:
    response = answer(HttpResponse(LONG, content_type="application/json"))
    assert isinstance(response, HttpResponse)
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content) == LONG


@pytest.mark.parametrize(
    ("response", "accepts"),
    [
        (HttpResponse(LONG, content_type="application/json"), ""),
        (HttpResponse(LONG, content_type="text/csv"), "gzip"),
        (StreamingHttpResponse([LONG], content_type="application/json"), "gzip"),
    ],
)
def test_all_else_travels_as_it_is(response: HttpResponseBase, accepts: str) -> None:
    assert "Content-Encoding" not in answer(response, accepts)
