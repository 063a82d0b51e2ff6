"""The routes below /api/v1/ that read views."""

from django.urls import path

from views_engine.alerts.api.actions import Acknowledge, AcknowledgeMany, AddComment, Assign
from views_engine.alerts.api.alerts import AlertDetail, AlertList, RevisionList
from views_engine.api.compression import compressed
from views_engine.api.corrections import CorrectionList, EpochList
from views_engine.api.dashboard import DeviceStates, FleetMetrics
from views_engine.api.events import EventList
from views_engine.api.ledger import LedgerView
from views_engine.api.metrics import MetricList
from views_engine.api.units import UnitFaults, UnitList, UnitRows

urlpatterns = [
    path("events", compressed(EventList.as_view()), name="events"),
    path("metrics/<str:event_type>", compressed(MetricList.as_view()), name="metrics"),
    path("dashboard/devices", compressed(DeviceStates.as_view()), name="dashboard-devices"),
    path("dashboard/metrics", FleetMetrics.as_view(), name="dashboard-metrics"),
    path("dashboard/alerts", compressed(AlertList.as_view()), name="dashboard-alerts"),
    path("alerts/acknowledge", AcknowledgeMany.as_view(), name="alerts-acknowledge"),
    path("alerts/<int:alert_id>", AlertDetail.as_view(), name="alert"),
    path("alerts/<int:alert_id>/revisions", RevisionList.as_view(), name="alert-revisions"),
    path("alerts/<int:alert_id>/acknowledge", Acknowledge.as_view(), name="alert-acknowledge"),
    path("alerts/<int:alert_id>/assign", Assign.as_view(), name="alert-assign"),
    path("alerts/<int:alert_id>/comments", AddComment.as_view(), name="alert-comments"),
    path("ledger", LedgerView.as_view(), name="ledger"),
    path("corrections", compressed(CorrectionList.as_view()), name="corrections"),
    path("epochs", EpochList.as_view(), name="epochs"),
    path("units", UnitList.as_view(), name="units"),
    path("units/<str:name>", compressed(UnitRows.as_view()), name="unit"),
    path("units/<str:name>/faults", UnitFaults.as_view(), name="unit-faults"),
]
