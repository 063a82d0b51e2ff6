"""A real stack and a real browser. Without a Chromium on the machine these tests are skipped, and say so."""

import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.site import Site
from tests.stack.running import RunningStack

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("There is no Chromium on this machine.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    stack = RunningStack(tmp_path_factory.mktemp("browser"))
    stack.start()
    try:
        stack.wait_until_ready()
        stack.administrator()
        with httpx.Client(base_url=stack.address, headers=stack.gateway(), timeout=30) as gateway:
            yield Site(stack, gateway)
    finally:
        stack.kill()


@pytest.fixture
def context(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser profile of its own; `@pytest.mark.parametrize("context", [{…}], indirect=True)` gives options."""
    options: dict[str, Any] = getattr(request, "param", {})
    context = browser.new_context(**{"viewport": {"width": 1360, "height": 900}, **options})
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Page:
    """Somebody who has just signed in. What the browser complains of is kept in `site.complaints`."""
    page = context.new_page()
    site.listen(page)
    page.goto(f"{site.address}/")
    page.get_by_label("User name").fill("root")
    page.get_by_label("Password").fill("not a secret")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site.address}/")
    return page
