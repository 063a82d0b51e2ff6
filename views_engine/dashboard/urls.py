"""Where the pages are."""

from django.urls import path

from views_engine.dashboard import pages, points

urlpatterns = [
    path("", pages.fleet, name="fleet"),
    path("devices/<str:device_id>/", pages.device, name="device"),
    path("dashboard/activity", points.activity, name="activity"),
    path("dashboard/devices/<str:device_id>/late", points.late, name="late"),
]
