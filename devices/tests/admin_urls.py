"""The admin and nothing else, so that these tests need no other app's routes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path

admin.autodiscover()

urlpatterns = [path("admin/", admin.site.urls)]


def handler403(request: HttpRequest, exception: Any) -> HttpResponse:
    return HttpResponse(status=403)
