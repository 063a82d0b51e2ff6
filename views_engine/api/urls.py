"""The routes below /api/v1/ that read views."""

from django.urls import path

from views_engine.api.compression import compressed
from views_engine.api.corrections import CorrectionList, EpochList
from views_engine.api.dashboard import DeviceStates, FleetMetrics
from views_engine.api.events import EventList
from views_engine.api.ledger import LedgerView
from views_engine.api.metrics import MetricList

urlpatterns = [
    path("events", compressed(EventList.as_view()), name="events"),
    path("metrics/<str:event_type>", compressed(MetricList.as_view()), name="metrics"),
    path("dashboard/devices", compressed(DeviceStates.as_view()), name="dashboard-devices"),
    path("dashboard/metrics", FleetMetrics.as_view(), name="dashboard-metrics"),
    path("ledger", LedgerView.as_view(), name="ledger"),
    path("corrections", compressed(CorrectionList.as_view()), name="corrections"),
    path("epochs", EpochList.as_view(), name="epochs"),
]
