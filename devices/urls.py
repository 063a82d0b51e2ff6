"""The routes of devices under /api/v1/. No slash at the end; ids may hold dots and colons."""

from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from devices.api.devices import DeviceViewSet
from devices.api.grouping import DeviceTypeViewSet, GroupViewSet, SiteViewSet
from devices.api.tokens import DeviceTokensView, RotateTokenView, TokenView

router = SimpleRouter(trailing_slash=False)
router.register("devices", DeviceViewSet, basename="device")
router.register("groups", GroupViewSet, basename="group")
router.register("sites", SiteViewSet, basename="site")
router.register("device-types", DeviceTypeViewSet, basename="device-type")

urlpatterns = [
    *router.urls,
    re_path(
        rf"^devices/(?P<device_id>{DeviceViewSet.lookup_value_regex})/tokens\Z",
        DeviceTokensView.as_view(),
        name="device-tokens",
    ),
    path("tokens/<slug:id>", TokenView.as_view(), name="token"),
    path("tokens/<slug:id>/rotate", RotateTokenView.as_view(), name="token-rotate"),
]
