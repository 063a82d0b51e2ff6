"""The pages. They carry no figures: what they show is fetched from the API and kept live over the socket."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from devices.models import Device
from views_engine.dashboard.access import viewers_only
from views_engine.dashboard.cards import CARDS


@require_safe
@viewers_only
@ensure_csrf_cookie
def fleet(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/fleet.html")


@require_safe
@viewers_only
@ensure_csrf_cookie
def device(request: HttpRequest, device_id: str) -> HttpResponse:
    """One device's page; 404 for a device nobody has registered."""
    known = Device.objects.filter(device_id=device_id).select_related("device_type", "site").first()
    if known is None:
        raise Http404(f"There is no device {device_id}.")
    facts = {"device": known, "cards": CARDS, "offline_after_s": offline_after_s(known)}
    return render(request, "dashboard/device.html", facts)


def offline_after_s(device: Device) -> float:
    """Seconds of silence: the device's own, its type's, or the general setting."""
    of_type = device.device_type.offline_after_s if device.device_type else None
    return device.offline_after_s or of_type or settings.CONFIG.presence.offline_after_s
