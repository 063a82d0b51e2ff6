"""The routes of rules and alerts under /api/v1/."""

from rest_framework.routers import SimpleRouter

from views_engine.alerts.api.rules import RuleViewSet

router = SimpleRouter(trailing_slash=False)
router.register("rules", RuleViewSet, basename="rule")

urlpatterns = router.urls
