"""A rule as a form: the same members and the same faults as over the API."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from devices.models import DeviceType, Group, Tag
from events import catalogue
from views_engine.alerts import backtest, checking
from views_engine.alerts.models import Notify, Rule
from views_engine.alerts.scopes import NAMED
from views_engine.reading import Unavailable
from views_engine.rules import KINDS

PARAMETERS = """
threshold: {"operator": ">", "value": 30, "for_s": 60, "clear_value": 28} ·
range: {"low": 10, "high": 30, "for_s": 0} ·
rate_of_change: {"limit": 5, "per_s": 60, "for_s": 0} ·
no_data: {"after_s": 600} ·
geofence: {"polygon": GeoJSON, "when": "inside" or "outside"} ·
battery: {"below": 20} or {"days_left_below": 7}
"""
_CHOSEN = ("device_types", "groups", "tags")
_FIELDS = {"scope": "devices", "correction_policy": "notify"}
"""Members of a rule that are several fields here: which of them shows what is wrong with the whole."""


def _choose(model: Any, text: str) -> "forms.ModelMultipleChoiceField[Any]":
    return forms.ModelMultipleChoiceField(
        model.objects.all(), required=False, widget=UnfoldAdminSelectMultipleWidget, help_text=text
    )


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    kind = forms.ChoiceField(choices=[(kind, kind.replace("_", " ")) for kind in KINDS], widget=UnfoldAdminSelectWidget)
    event_type = forms.ChoiceField(
        required=False, widget=UnfoldAdminSelectWidget, help_text="What is judged; only no data may go without."
    )
    parameters = forms.JSONField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "class": "font-mono w-full"}), help_text=PARAMETERS
    )
    devices = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Device ids, spaces between several. Nothing in all four: every device.",
    )
    device_types = _choose(DeviceType, "And devices of these types.")
    groups = _choose(Group, "And devices in these groups.")
    tags = _choose(Tag, "And devices with these tags.")
    effective_from = forms.SplitDateTimeField(
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text="Observations from then on are judged, UTC; in the past, history is judged, too. Left as it is, or "
        "empty: from the moment of saving on.",
    )
    notify = forms.ChoiceField(
        choices=Notify.choices,
        initial=Notify.NOTE,
        widget=UnfoldAdminSelectWidget,
        help_text="What is said when late events change an alert after the fact: nothing, a note, or as of a new one.",
    )
    max_lateness_s = forms.FloatField(
        required=False,
        min_value=0,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text="Seconds; what was observed longer ago is noted, not announced. Empty: however long ago.",
    )

    class Meta:
        model = Rule
        fields = ("name", "kind", "event_type", "severity", "parameters", "enabled", "effective_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types: Any = self.fields["event_type"]
        types.choices = [("", "any"), *((each.slug, each.name) for each in catalogue.current_types())]
        scope, policy = self.instance.scope, self.instance.correction_policy
        self.initial.setdefault("devices", " ".join(scope.get("devices", ())))
        for member in _CHOSEN:
            model, field = NAMED[member]
            self.initial.setdefault(member, model.objects.filter(**{f"{field}__in": scope.get(member, ())}))
        self.initial.setdefault("notify", policy.get("notify", Notify.NOTE))
        self.initial.setdefault("max_lateness_s", policy.get("max_lateness_s"))

    def clean_devices(self) -> list[str]:
        names: list[str] = self.cleaned_data["devices"].split()
        return names

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("effective_from") or "effective_from" not in self.changed_data:
            cleaned["effective_from"] = self.instance.effective_from
        present = self.instance if self.instance.pk else None
        given: dict[str, Any] = {name: cleaned[name] for name in ("kind", "parameters") if name in cleaned}
        given |= {"event_type": cleaned.get("event_type") or None, "scope": {"devices": cleaned.get("devices", [])}}
        for field, details in self._faults(given, present):
            self.add_error(field, details)
        if not self.errors:
            self._settle(cleaned)
        return cleaned

    def _faults(self, given: dict[str, Any], present: Rule | None) -> Iterator[tuple[str | None, list[str]]]:
        found: defaultdict[str | None, list[str]] = defaultdict(list)
        for fault in checking.faults(given, present):
            member, _, rest = fault.pointer.removeprefix("/").partition("/")
            field = member if member in self.fields else _FIELDS.get(member)
            found[field].append(f"{rest}: {fault.detail}" if rest else fault.detail)
        yield from found.items()

    def _settle(self, cleaned: dict[str, Any]) -> None:
        """Puts together what the rule keeps as one, and looks at what it would say of the past."""
        rule = self.instance
        rule.scope = {
            member: [getattr(each, NAMED[member][1]) for each in cleaned[member]]
            for member in _CHOSEN
            if cleaned.get(member)
        }
        if cleaned["devices"]:
            rule.scope["devices"] = cleaned["devices"]
        lateness = cleaned.get("max_lateness_s")
        rule.correction_policy = {
            "notify": cleaned["notify"],
            **({} if lateness is None else {"max_lateness_s": lateness}),
        }
        if "effective_from" in self.changed_data and cleaned["effective_from"]:
            for name in self.Meta.fields:
                setattr(rule, name, cleaned[name])
            self._look_back(rule)

    def _look_back(self, rule: Rule) -> None:
        try:
            backtest.refuse_a_flood(rule)
        except (backtest.TooManyAlerts, Unavailable) as error:
            self.add_error("effective_from", str(error))
