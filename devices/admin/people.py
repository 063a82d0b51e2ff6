"""People and their roles (Django's groups)."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from devices.roles import role_of

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg, misc]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "role", "is_staff", "is_active", "last_login"]
    list_filter = ["groups", "is_staff", "is_active"]
    filter_horizontal = ["user_permissions"]
    autocomplete_fields = ["groups"]

    @display(description="role", label=True)
    def role(self, user: User) -> str | None:
        return role_of(user)


@admin.register(Group)
class RoleAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """viewer, operator and administrator are the roles; other groups only grant permissions of this admin."""
