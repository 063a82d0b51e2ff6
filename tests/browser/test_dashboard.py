"""People look at the live pages: a real browser, a real stack, events over HTTP."""

import os
import re
import signal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.site import Site, event, position

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(300)]

PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
MOST_BYTES = 500_000


def open_fleet(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")


def open_device(page: Page, site: Site, device_id: str) -> None:
    page.goto(f"{site.address}/devices/{device_id}/?range=1h")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")


def weight(request: Request) -> int:
    """Bytes of an answer as they travelled."""
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


def test_the_fleet_moves(page: Page, site: Site) -> None:
    site.send([event("mover", 20.5), position("mover", 48.85, 2.35)])
    open_fleet(page, site)
    row = page.locator('#devices tr[data-device="mover"]')
    expect(row).to_contain_text("20.5 °C")
    expect(row).to_contain_text("Online")
    site.send([event("mover", 21.7)])
    expect(row).to_contain_text("21.7 °C", timeout=3000)
    expect(page.locator('[data-figure="online"] b')).not_to_have_text("–")
    expect(page.locator("#ledger-note")).to_contain_text("all accounted for")
    expect(page.locator("#activity canvas")).to_be_visible()
    assert site.complaints == []


def test_a_device_seen_for_the_first_time_appears_by_itself(page: Page, site: Site) -> None:
    open_fleet(page, site)
    site.send([event("newcomer", 3.25)])
    expect(page.locator('#devices tr[data-device="newcomer"]')).to_contain_text("3.3 °C")


def test_a_late_buffer_heals_a_chart(page: Page, site: Site) -> None:
    minutes = range(50, 0, -1)
    lost = range(35, 20, -1)
    site.send(event("sleeper", 20 + minute / 10, ago_s=60 * minute) for minute in minutes if minute not in lost)
    open_device(page, site, "sleeper")
    chart = page.locator('.chart[data-type="temperature"]')
    expect(chart).to_have_attribute("data-points", "35")
    expect(chart).to_have_attribute("data-late", "0")
    site.send(event("sleeper", 30, ago_s=60 * minute) for minute in lost)
    expect(chart).to_have_attribute("data-points", "50")
    expect(chart).to_have_attribute("data-late", "15")
    expect(page.locator("#charts")).to_contain_text("15 came late")
    expect(page.locator('#events tr[data-place="late"] .badge').first).to_have_text("late")
    expect(page.locator("#corrections li").first).to_be_visible()
    assert site.complaints == []


@pytest.mark.parametrize(
    ("seconds", "broken"),
    [
        ("0 2 4 6 8 90 92 94", "90"),
        ("0 2 4 6 50 90 92 94 96 98", "50 90"),
        ("0 30 60 90 120 150 152 154 156 158 160 162 164 166 168", ""),
        ("0 300", ""),
        ("", ""),
    ],
    ids=["pause", "alone in a pause", "another pace", "two", "none"],
)
def test_a_line_breaks_where_nothing_was_said(page: Page, seconds: str, broken: str) -> None:
    ask = """async (seconds) => {
      const { gaps } = await import("/static/js/device/history.js");
      return [...gaps(seconds.map((at) => ({ at: at * 1000 })), "raw", 600_000)].map((row) => row.at / 1000);
    }"""
    assert page.evaluate(ask, [int(second) for second in seconds.split()]) == [int(second) for second in broken.split()]


def test_a_reading_reaches_its_card_and_its_chart(page: Page, site: Site) -> None:
    site.send([event("talker", 50, event_type="humidity", ago_s=60)])
    open_device(page, site, "talker")
    card = page.locator('.card[data-type="humidity"]')
    expect(card).to_contain_text("50.0 %")
    site.send([event("talker", 51.5, event_type="humidity")])
    expect(card).to_contain_text("51.5 %", timeout=3000)
    expect(page.locator('.chart[data-type="humidity"]')).to_have_attribute("data-points", "2")
    expect(page.locator("#events tbody tr").first).to_contain_text("51.50 %")


def test_the_time_shown_is_kept_in_the_address(page: Page, site: Site) -> None:
    site.send([event("ranger", 1, ago_s=60)])
    open_device(page, site, "ranger")
    page.get_by_role("button", name="7 d").click()
    expect(page).to_have_url(re.compile(r"\?range=7d$"))
    page.reload()
    expect(page.get_by_role("button", name="7 d")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#range-note")).to_have_text("by hour")


def test_old_data_is_one_click_away(page: Page, site: Site) -> None:
    site.send([event("veteran", 7, ago_s=400 * 86400), event("veteran", 8, ago_s=400 * 86400 - 60)])
    open_device(page, site, "veteran")
    page.get_by_role("button", name="Show that time").click()
    expect(page.locator('.chart[data-type="temperature"]')).to_have_attribute("data-points", "2")


def test_an_empty_device_says_what_to_do(page: Page, site: Site) -> None:
    site.stack.manage("issue_token", "device", "silent")
    page.goto(f"{site.address}/devices/silent/")
    expect(page.locator("#no-events")).to_contain_text("issue_token device silent")


@pytest.mark.parametrize("context", [PHONE], indirect=True)
def test_a_phone_shows_everything_without_scrolling_sideways(page: Page, site: Site) -> None:
    site.send([event("pocket", 19.5), position("pocket", 52.5, 13.4)])
    for address in ("/", "/devices/pocket/"):
        page.goto(f"{site.address}{address}")
        expect(page.locator("#live")).to_have_attribute("data-state", "live")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_chosen_theme_is_remembered(page: Page, site: Site) -> None:
    page.get_by_role("button", name="Switch between light and dark").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_lost_connection_is_said_and_comes_back(page: Page, site: Site) -> None:
    site.send([event("survivor", 10)])
    open_fleet(page, site)
    web = [pid for pid, command in site.stack.processes().items() if "run_web" in command]
    for pid in web:
        os.kill(pid, signal.SIGKILL)
    expect(page.locator("#notice")).to_be_visible()
    site.stack.wait_until_ready()
    expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=40_000)
    expect(page.locator("#notice")).to_be_hidden()
    site.send([event("survivor", 11.5)])
    expect(page.locator('#devices tr[data-device="survivor"]')).to_contain_text("11.5 °C")


def test_a_thousand_devices_stay_light_and_quick(page: Page, site: Site) -> None:
    site.send(event(f"crowd-{number:04}", number / 11) for number in range(1000))
    site.send(event(f"crowd-{number:04}", number / 17, event_type="humidity") for number in range(1000))
    site.send(position(f"crowd-{number:04}", number / 13, number / 7) for number in range(1000))
    asked: list[Request] = []
    page.goto("about:blank")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.on("requestfinished", lambda request: asked.append(request))
    open_fleet(page, site)
    expect(page.locator("#device-count")).to_contain_text("1,0")
    expect(page.locator("#ledger-note")).to_contain_text("received")
    assert sum(weight(request) for request in asked) <= MOST_BYTES
    assert {urlsplit(request.url).netloc for request in asked} == {urlsplit(site.address).netloc}
    assert page.locator("#devices tbody tr:visible").count() == 25
    page.get_by_label("Search devices").fill("crowd-0999")
    expect(page.locator("#devices tbody tr:visible")).to_have_count(1)
    site.send(event(f"crowd-{number:04}", 77.7) for number in range(1000))
    expect(page.locator("#devices tbody tr:visible")).to_contain_text("77.7 °C")
    assert site.complaints == []
