"""Where the pages are."""

from django.urls import path

from views_engine.dashboard import alert_pages, epoch_alerts, logs, pages, points

urlpatterns = [
    path("", pages.fleet, name="fleet"),
    path("devices/<str:device_id>/", pages.device, name="device"),
    path("alerts/", alert_pages.alerts, name="alerts-page"),
    path("alerts/<int:number>/", alert_pages.alert, name="alert-page"),
    path("rules/", alert_pages.rules, name="rules-page"),
    path("pipeline/", pages.pipeline, name="pipeline"),
    path("epochs/", pages.epochs, name="epochs-page"),
    path("epochs/<int:shard>/<int:number>/", pages.epoch, name="epoch-page"),
    path("dashboard/activity", points.activity, name="activity"),
    path("dashboard/epochs/<int:shard>/<int:number>/alerts", epoch_alerts.epoch_alerts, name="epoch-alerts"),
    path("dashboard/logs", logs.logs, name="logs"),
    path("dashboard/devices/<str:device_id>/late", points.late, name="late"),
]
