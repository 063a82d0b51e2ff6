"""The pages of alerts and rules. Like all pages they carry no figures: what they show comes from the API."""

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from devices.roles import Role, role_of
from views_engine.alerts.models import Alert
from views_engine.dashboard.access import may_act, viewers_only


@require_safe
@viewers_only
@ensure_csrf_cookie
def alerts(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/alerts.html", {"may_act": may_act(request)})


@require_safe
@viewers_only
@ensure_csrf_cookie
def alert(request: HttpRequest, number: int) -> HttpResponse:
    """One alert's page; 404 for a number that there is not."""
    known = Alert.objects.filter(pk=number).first() if number < 2**63 else None
    if known is None:
        raise Http404(f"There is no alert {number}.")
    allowed = may_act(request)
    facts = {"alert": known, "may_act": allowed, "people": assignable() if allowed else ()}
    return render(request, "dashboard/alert.html", facts)


@require_safe
@viewers_only
@ensure_csrf_cookie
def rules(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/rules.html")


def assignable() -> list[str]:
    """The names of all who may do something about an alert."""
    people = User.objects.filter(is_active=True).order_by("username").prefetch_related("groups")
    roles = ((person.username, role_of(person)) for person in people)
    return [name for name, role in roles if role is not None and role.includes(Role.OPERATOR)]
