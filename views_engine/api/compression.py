"""Compression of JSON pages for whoever accepts gzip. Files are streamed as they are: they would only grow slower."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.decorators import decorator_from_middleware


class JsonGZip(GZipMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        return super().process_response(request, response) if is_json and not response.streaming else response


compressed = decorator_from_middleware(JsonGZip)
"""Wraps a view, as `gzip_page` does."""
