"""Parameters of a query: each view names those it knows, everything else is refused with 400."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.http import QueryDict
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from devices.problems import BadParameter

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def refuse_unknown(params: QueryDict, known: Iterable[str]) -> None:
    """Raises BadParameter for a parameter that is unknown, given twice, or holds a NUL."""
    names = sorted(known)
    for name, values in params.lists():
        if name not in names:
            raise BadParameter(f"There is no parameter {name!r} here; known are: {', '.join(names) or 'none'}.")
        if len(values) > 1:
            raise BadParameter(f"The parameter {name!r} is given {len(values)} times.")
        if "\0" in values[0]:
            raise BadParameter(f"The parameter {name!r} holds a NUL character.")


def boolean(params: Mapping[str, str], name: str) -> bool | None:
    """True, False, or None where the parameter is absent."""
    text = params.get(name)
    if text is None:
        return None
    if text.lower() not in _BOOLEANS:
        raise BadParameter(f"{name} is true or false, not {text!r}.")
    return _BOOLEANS[text.lower()]


class KnownParameters(APIView):
    """Mixed into a view: its lists know their page's parameters and `list_parameters`, an action of a viewset those
    that `action_parameters` has for it, everything else none."""

    list_parameters: ClassVar[frozenset[str]] = frozenset()
    action_parameters: ClassVar[Mapping[str, frozenset[str]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if hasattr(self, str(request.method).lower()):
            refuse_unknown(request.query_params, self.known_parameters(request))

    def known_parameters(self, request: Request) -> frozenset[str]:
        action = getattr(self, "action", "list" if request.method in SAFE_METHODS else None)
        if action != "list":
            return self.action_parameters.get(action or "", frozenset())
        return self.list_parameters | getattr(getattr(self, "paginator", None), "parameters", frozenset())
