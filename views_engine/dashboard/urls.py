"""Where the pages are."""

from django.urls import path

from views_engine.dashboard import logs, pages, points

urlpatterns = [
    path("", pages.fleet, name="fleet"),
    path("devices/<str:device_id>/", pages.device, name="device"),
    path("pipeline/", pages.pipeline, name="pipeline"),
    path("epochs/", pages.epochs, name="epoch-list"),
    path("epochs/<int:shard>/<int:number>/", pages.epoch, name="epoch"),
    path("dashboard/activity", points.activity, name="activity"),
    path("dashboard/logs", logs.logs, name="logs"),
    path("dashboard/devices/<str:device_id>/late", points.late, name="late"),
]
