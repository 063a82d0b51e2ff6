"""Groups and tags for many devices at once: choose devices, then say what they shall get."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminSelectMultipleWidget, UnfoldAdminTextInputWidget

from devices.labels import tags_named
from devices.models import Device, Group, Tag


class LabelForm(forms.Form):
    groups = forms.ModelMultipleChoiceField(
        Group.objects.all(), required=False, widget=UnfoldAdminSelectMultipleWidget, help_text="They join these groups."
    )
    tags = forms.CharField(
        required=False, widget=UnfoldAdminTextInputWidget, help_text="They get these tags; spaces between several."
    )

    def clean_tags(self) -> list[str]:
        names: list[str] = self.cleaned_data["tags"].split()
        for name in names:
            Tag._meta.get_field("name").clean(name, None)
        return names


def label_selected(admin: Any, request: HttpRequest, devices: QuerySet[Device]) -> HttpResponse | None:
    """The first time asks what for, the second time does it."""
    if not admin.has_change_permission(request):
        raise PermissionDenied
    form = LabelForm(request.POST if "apply" in request.POST else None)
    if form.is_valid():
        _label(devices, form.cleaned_data["groups"], form.cleaned_data["tags"])
        messages.success(request, f"{devices.count()} devices were sorted.")
        return HttpResponseRedirect(request.get_full_path())
    context = {
        **admin.admin_site.each_context(request),
        "title": "Sort devices",
        "opts": admin.opts,
        "form": form,
        "devices": devices,
        "checkbox": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/devices/label_selected.html", context)


label_selected.short_description = "Add groups and tags to the selected devices"  # type: ignore[attr-defined]


def _label(devices: QuerySet[Device], groups: QuerySet[Group], names: list[str]) -> None:
    tags = tags_named(names)
    for device in devices:
        device.groups.add(*groups)
        device.tags.add(*tags)
