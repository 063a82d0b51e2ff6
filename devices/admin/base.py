"""What our admin pages share: change history, and secrets that are shown once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django_htmx.http import HttpResponseClientRedirect
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from devices.models.credential import DeviceToken, Issued


class AuditedAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    """A page whose history says who changed what, and when."""

    list_fullwidth = True
    warn_unsaved_form = True
    list_filter_submit = True


def show_secret(request: HttpRequest, issued: Issued) -> None:
    """On the next page, and nowhere after that."""
    device = issued.token.device.device_id if isinstance(issued.token, DeviceToken) else "…"
    body = f'{{"device_id": "{device}", "event_type": "temperature", "payload": {{"value": 21.5}}}}'
    address = request.build_absolute_uri("/api/v1/events")
    example = (
        f"curl -H 'Authorization: Bearer {issued.secret}' -H 'Content-Type: application/json' -d '{body}' {address}"
    )
    text = format_html(
        "The new token <code>{}</code> is shown this once; keep it now. "
        "<pre class='mt-2' style='white-space: pre-wrap; overflow-wrap: anywhere'>{}</pre>",
        issued.secret,
        example,
    )
    messages.success(request, text)


def back(request: HttpRequest, address: str) -> HttpResponse:
    """Leaves a dialog for a page."""
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)
