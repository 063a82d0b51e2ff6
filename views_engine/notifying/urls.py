"""The routes of notifications under /api/v1/."""

from rest_framework.routers import SimpleRouter

from views_engine.notifying.api import ChannelViewSet, DeliveryViewSet

router = SimpleRouter(trailing_slash=False)
router.register("channels", ChannelViewSet, basename="channel")
router.register("deliveries", DeliveryViewSet, basename="delivery")

urlpatterns = router.urls
