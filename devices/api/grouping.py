"""/groups, /sites and /device-types."""

from rest_framework.viewsets import ModelViewSet

from devices.api.serializers import DeviceTypeSerializer, GroupSerializer, SiteSerializer
from devices.models import DeviceType, Group, Site
from devices.parameters import KnownParameters

NUMBER = r"[0-9]{1,18}"


class GroupViewSet(KnownParameters, ModelViewSet[Group]):
    """Groups of devices. Deleting one leaves its devices."""

    serializer_class = GroupSerializer
    queryset = Group.objects.all()
    lookup_value_regex = NUMBER


class SiteViewSet(KnownParameters, ModelViewSet[Site]):
    """Places where devices stand. Deleting one leaves its devices."""

    serializer_class = SiteSerializer
    queryset = Site.objects.all()
    lookup_value_regex = NUMBER


class DeviceTypeViewSet(KnownParameters, ModelViewSet[DeviceType]):
    """Makes of device. Deleting one leaves its devices, without a type."""

    serializer_class = DeviceTypeSerializer
    queryset = DeviceType.objects.all()
    lookup_field = "slug"
    lookup_value_regex = r"[A-Za-z0-9_-]{1,50}"
