"""Who may: by default viewers may look and operators may change."""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from devices.registry import Speaker
from devices.roles import Role, role_of

if TYPE_CHECKING:  # REST framework's views import this module themselves, by the settings
    from rest_framework.views import APIView


class RolePermission(BasePermission):
    """The view's `required_role` says otherwise for all its methods. Devices and gateways may not come here."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if isinstance(request.auth, Speaker) and request.auth.kind != "person":
            self.message = f"A {request.auth.kind} token may only bring events."
            return False
        needed = _needed(request, view)
        self.message = f"This needs the role {needed}."
        role = role_of(request.user)
        return role is not None and role.includes(needed)


def _needed(request: Request, view: "APIView") -> Role:
    default = Role.VIEWER if request.method in SAFE_METHODS else Role.OPERATOR
    return Role(getattr(view, "required_role", None) or default)
