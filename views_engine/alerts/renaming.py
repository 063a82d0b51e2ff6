"""Rules name groups, tags and types by their names: another name for one of them is another name in the rules."""

from typing import Any

from django.db.models import Model
from django.db.models.signals import pre_save

from views_engine.alerts import scopes
from views_engine.alerts.models import Rule

_MEMBERS = {model: (member, field) for member, (model, field) in scopes.NAMED.items() if member != "devices"}


def watch() -> None:
    for model in _MEMBERS:
        pre_save.connect(_follow, sender=model, dispatch_uid=f"alerts.renaming.{model.__name__}")


def _follow(sender: type[Model], instance: Any, **_: Any) -> None:
    """Part of the transaction that saves the new name. What is judged stays: the log knows keys."""
    member, field = _MEMBERS[sender]
    before = sender._default_manager.filter(pk=instance.pk).values_list(field, flat=True).first()
    after = getattr(instance, field)
    if before is None or before == after:
        return
    for rule in Rule.objects.present().select_for_update():
        if before in rule.scope.get(member, ()):
            scope = scopes.renamed(rule.scope, member, before, after)
            Rule.objects.filter(pk=rule.pk).update(scope=scope)
