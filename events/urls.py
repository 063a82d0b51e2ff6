"""The routes of the events app under /api/v1/. `POST /events` is answered before Django is asked."""

from rest_framework.routers import SimpleRouter

from events.api.dead_letters import DeadLetterViewSet
from events.api.event_types import EventTypeViewSet

router = SimpleRouter(trailing_slash=False)
router.register("event-types", EventTypeViewSet, basename="event-type")
router.register("dead-letters", DeadLetterViewSet, basename="dead-letter")

urlpatterns = router.urls
