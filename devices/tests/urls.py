"""Our routes and nothing else, so that these tests need no other app."""

from django.urls import include, path

urlpatterns = [path("api/v1/", include("devices.urls"))]
