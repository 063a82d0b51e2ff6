"""The page is there before its modules are: what somebody does meanwhile is not lost."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.site import Site, event
from tests.browser.test_alerts import make_rule

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(300)]

PATIENCE_MS = 30_000
MODULES = re.compile(r"/static/js/\w+/main\.js$")
PAGES = ("/", "/alerts/", "/devices/porch/", "/epochs/", "/pipeline/")


@pytest.fixture
def slow(page: Page) -> Callable[[str], Callable[[], None]]:
    """Opens a page whose module does not come until what this answers is called."""

    def open_page(address: str) -> Callable[[], None]:
        held: list[Route] = []
        page.route(MODULES, lambda route: held.append(route))
        with page.expect_request(MODULES):
            page.goto(address, wait_until="commit")

        def release() -> None:
            for route in held:
                route.continue_()

        return release

    return open_page


def test_a_comment_waits_for_its_module(page: Page, site: Site, slow: Callable[[str], Callable[[], None]]) -> None:
    site.send([event("boiler", 20, ago_s=600)])
    make_rule(site, "Boiler too hot", "boiler")
    site.send([event("boiler", 50, ago_s=300), event("boiler", 50, ago_s=120)])
    page.goto(f"{site.address}/alerts/?device_id=boiler")
    link = page.get_by_role("link", name="Boiler too hot")
    expect(link).to_be_visible(timeout=PATIENCE_MS)
    alert = f"{site.address}{link.get_attribute('href')}"
    release = slow(alert)
    page.get_by_label("Comment").fill("Seen on a slow line.")
    expect(page.get_by_role("button", name="Comment")).to_be_disabled()
    release()
    page.get_by_role("button", name="Comment").click()
    expect(page.locator("#comments")).to_contain_text("Seen on a slow line.")
    assert page.url == alert


@pytest.mark.parametrize("address", PAGES)
def test_nothing_can_be_chosen_before_somebody_listens(
    page: Page, site: Site, slow: Callable[[str], Callable[[], None]], address: str
) -> None:
    site.send([event("porch", 20)])
    release = slow(f"{site.address}{address}")
    expect(page.locator("#live")).to_be_visible()
    expect(page.locator("main :is(button, input, select):visible:enabled")).to_have_count(0)
    release()
    expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
    expect(page.locator("main fieldset:visible:disabled")).to_have_count(0)


def test_the_theme_needs_no_module(page: Page, site: Site, slow: Callable[[str], Callable[[], None]]) -> None:
    slow(f"{site.address}/")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
