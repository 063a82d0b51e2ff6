"""The admin as a whole: every page of it opens, and the side bar leads nowhere that is not."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from iotproject import urls
from iotproject.admin import navigation

assert urls.urlpatterns, "the address book of the site is what finds the admin pages"


@pytest.fixture
def administrator(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_every_list_opens(administrator: Client, model: Any) -> None:
    page = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    assert administrator.get(page).status_code == 200


@pytest.mark.django_db
def test_the_side_bar_leads_to_pages_that_are_there(administrator: Client, admin_user: User) -> None:
    request = RequestFactory().get("/admin/")
    request.user = admin_user
    links = [item["link"] for part in navigation(request) for item in part["items"] if item["link"] != "/"]
    assert {link: administrator.get(link).status_code for link in links} == dict.fromkeys(links, 200)
