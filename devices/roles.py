"""What people may do: viewer, operator, administrator. Each is a Django group of that name."""

from enum import StrEnum

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"

    def includes(self, other: "Role | str") -> bool:
        """Whether this role may do everything that `other` may."""
        return ASCENDING.index(self) >= ASCENDING.index(Role(other))


ASCENDING = (Role.VIEWER, Role.OPERATOR, Role.ADMINISTRATOR)


def role_of(user: AbstractBaseUser | AnonymousUser | None) -> Role | None:
    """The highest role of a person; None for strangers, the inactive, and people without a role."""
    if not isinstance(user, User) or not user.is_active:
        return None
    if user.is_superuser:
        return Role.ADMINISTRATOR
    names = set(user.groups.filter(name__in=ASCENDING).values_list("name", flat=True))
    return next((role for role in reversed(ASCENDING) if role in names), None)
