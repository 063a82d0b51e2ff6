"""The pages. They carry no figures: what they show is fetched from the API and kept live over the socket."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from devices.models import Device
from events.log.base import shard_of
from events.simulation import story
from views_engine.dashboard.access import may_act, viewers_only
from views_engine.dashboard.cards import CARDS
from views_engine.reading import Unavailable, get_reader


@require_safe
@viewers_only
@ensure_csrf_cookie
def fleet(request: HttpRequest) -> HttpResponse:
    """The fleet at a glance. Where the demo's device with a story is there, a line tells what it is up to."""
    told = Device.objects.filter(device_id=story.DEVICE, name=story.NAME).exists()
    facts = {"story": story.DEVICE, "story_shard": shard_of(story.DEVICE, settings.CONFIG.log.shards)} if told else {}
    return render(request, "dashboard/fleet.html", facts)


@require_safe
@viewers_only
@ensure_csrf_cookie
def device(request: HttpRequest, device_id: str) -> HttpResponse:
    """One device's page; 404 for a device nobody has registered."""
    known = Device.objects.filter(device_id=device_id).select_related("device_type", "site").first()
    if known is None:
        raise Http404(f"There is no device {device_id}.")
    facts = {
        "device": known,
        "cards": CARDS,
        "offline_after_s": offline_after_s(known),
        "shard": shard_of(device_id, settings.CONFIG.log.shards),
    }
    return render(request, "dashboard/device.html", facts)


@require_safe
@viewers_only
@ensure_csrf_cookie
def pipeline(request: HttpRequest) -> HttpResponse:
    """The processes that calculate; who may change their roles finds buttons for it."""
    return render(request, "dashboard/pipeline.html", {"may_steer": may_act(request)})


@require_safe
@viewers_only
@ensure_csrf_cookie
def epochs(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/epochs.html", {"shards": settings.CONFIG.log.shards})


@require_safe
@viewers_only
@ensure_csrf_cookie
def epoch(request: HttpRequest, shard: int, number: int) -> HttpResponse:
    """What one epoch of a shard changed; 404 for one that there is not."""
    if not epoch_exists(shard, number):
        raise Http404(f"There is no epoch {number} of shard {shard}.")
    return render(request, "dashboard/epoch.html", {"shard": shard, "epoch": number})


def epoch_exists(shard: int, number: int) -> bool:
    """Whether there is such an epoch, or nobody can say just now: the page itself waits for an answer."""
    if shard >= settings.CONFIG.log.shards or number >= 2**63:
        return False
    try:
        (answer,) = get_reader().query("epochs", {"epoch": number, "limit": 1}, shards=[shard])
    except Unavailable:
        return True
    return bool(answer.rows)


def offline_after_s(device: Device) -> float:
    """Seconds of silence: the device's own, its type's, or the general setting."""
    of_type = device.device_type.offline_after_s if device.device_type else None
    return device.offline_after_s or of_type or settings.CONFIG.presence.offline_after_s
