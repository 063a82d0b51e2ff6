"""Which alerts an epoch corrected, for its page. JSON, GET only; clients should use `/api/v1/alerts/{id}/revisions`."""

from collections.abc import Mapping
from typing import Any

from views_engine.alerts.api import shapes
from views_engine.alerts.models import Revision
from views_engine.dashboard.points import chart_data

MOST = 500


@chart_data
def epoch_alerts(query: Mapping[str, str], shard: int, number: int) -> dict[str, Any]:
    """`{"results": [revisions of late events, with their alert], "more"}`, the oldest first."""
    found = Revision.objects.filter(epoch=number, alert__shard=shard, cause__isnull=False).select_related("alert")
    revisions = list(found.order_by("pk")[: MOST + 1])
    return {"results": [_shown(one) for one in revisions[:MOST]], "more": len(revisions) > MOST}


def _shown(one: Revision) -> dict[str, Any]:
    alert = one.alert
    who = {"id": alert.pk, "rule_name": alert.rule_name, "device_id": alert.device_id, "severity": alert.severity}
    return {**shapes.revision(one), "alert": {**who, "state": alert.state}}
