from typing import Any

import pytest
from django.test import override_settings

from views_engine.dashboard.access import same_site


def scope(origin: str | None, host: str = "fleet.example:8080") -> dict[str, Any]:
    headers = [(b"host", host.encode())]
    return {"headers": headers if origin is None else [*headers, (b"origin", origin.encode())]}


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://fleet.example:8080", True),
        ("https://fleet.example:8080", True),
        ("HTTP://Fleet.Example:8080", True),
        ("http://fleet.example", False),
        ("http://fleet.example:9090", False),
        ("http://evil.example:8080", False),
        ("http://fleet.example:8080.evil.example", False),
        ("http://user@fleet.example:8080", False),
        ("file://fleet.example:8080", False),
        ("http://[", False),
        ("null", False),
        ("", False),
        (None, False),
    ],
)
@override_settings(ALLOWED_HOSTS=["fleet.example"])
def test_the_origin_is_the_very_site_with_its_port(origin: str | None, allowed: bool) -> None:
    assert same_site(scope(origin)) is allowed


@override_settings(ALLOWED_HOSTS=["fleet.example"])
def test_a_foreign_name_that_points_here_is_no_site_of_ours() -> None:
    assert not same_site(scope("http://rebound.example", host="rebound.example"))


@override_settings(ALLOWED_HOSTS=["inner"], CSRF_TRUSTED_ORIGINS=["https://fleet.example"])
def test_a_trusted_origin_may_come_through_a_proxy() -> None:
    assert same_site(scope("https://fleet.example", host="inner:8080"))
