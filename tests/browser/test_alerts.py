"""An alert from its raising to its correction, and on one click the reason; the pipeline while a calculator dies."""

import os
import re
import signal
import time
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site, event

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(300)]

PATIENCE_MS = 30_000


def make_rule(site: Site, name: str, device_id: str) -> None:
    """Too hot for a minute, judged from an hour ago on."""
    since = datetime.fromtimestamp(time.time() - 3600, UTC).isoformat(timespec="milliseconds")
    rule = {
        "name": name,
        "kind": "threshold",
        "event_type": "temperature",
        "severity": "critical",
        "parameters": {"operator": ">", "value": 30, "for_s": 60},
        "scope": {"devices": [device_id]},
        "effective_from": since,
    }
    answer = httpx.post(f"{site.address}/api/v1/rules", json=rule, headers=site.stack.administrator(), timeout=30)
    assert answer.status_code == 201, answer.text


def test_an_alert_is_acknowledged_corrected_and_explained(page: Page, site: Site) -> None:
    site.send([event("kiln", 20, ago_s=600)])
    make_rule(site, "<b>Too hot</b>", "kiln")
    site.send([event("kiln", 50, ago_s=300), event("kiln", 50, ago_s=120)])
    page.goto(f"{site.address}/alerts/?device_id=kiln")
    row = page.locator("#alerts tbody tr")
    expect(row).to_contain_text("<b>Too hot</b>", timeout=PATIENCE_MS)
    expect(row).to_contain_text("Open")
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Acknowledge").click()
    expect(row).to_contain_text("root")

    site.send([event("kiln", 20, ago_s=200)])
    expect(row).to_contain_text("Withdrawn", timeout=PATIENCE_MS)
    row.get_by_role("link", name="Too hot").click()
    withdrawn = page.locator('#revisions li[data-change="withdrawn"]')
    expect(withdrawn).to_contain_text(re.compile(r"arrived \d+ \w+ late"), timeout=PATIENCE_MS)
    expect(page.locator("#chart canvas")).to_be_visible()
    expect(page.locator("#handling")).to_contain_text("root")

    withdrawn.get_by_role("link", name="why?").click()
    expect(page).to_have_url(re.compile(r"/epochs/0/\d+/\?device_id=kiln$"))
    expect(page.locator("#story")).to_contain_text("1 late event of kiln")
    expect(page.locator("#device-kiln .causes tbody tr")).to_contain_text("20 °C")
    expect(page.locator('#alerts li[data-change="withdrawn"]')).to_contain_text("Too hot", timeout=PATIENCE_MS)
    assert site.complaints == []


def test_a_comment_and_an_assignee_stay_with_their_alert(page: Page, site: Site) -> None:
    site.send([event("oven", 20, ago_s=600)])
    make_rule(site, "Oven too hot", "oven")
    site.send([event("oven", 50, ago_s=300), event("oven", 50, ago_s=120)])
    page.goto(f"{site.address}/alerts/?device_id=oven")
    page.get_by_role("link", name="Oven too hot").click(timeout=PATIENCE_MS)
    page.get_by_label("Comment").fill("<i>Somebody</i> looks after it.")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator("#comments")).to_contain_text("<i>Somebody</i> looks after it.")
    page.get_by_label("Assign to").select_option("root")
    expect(page.locator('[data-part="assigned"]')).to_have_text("root")


def test_an_alert_lies_over_the_chart_of_its_device(page: Page, site: Site) -> None:
    site.send([event("stove", 20, ago_s=600)])
    make_rule(site, "Stove too hot", "stove")
    site.send([event("stove", 50, ago_s=300), event("stove", 50, ago_s=120)])
    page.goto(f"{site.address}/devices/stove/?range=1h")
    expect(page.locator("#alerts tbody tr")).to_contain_text("Stove too hot", timeout=PATIENCE_MS)
    page.goto(f"{site.address}/")
    expect(page.locator('#alerts tbody tr:has-text("Stove too hot")')).to_be_visible(timeout=PATIENCE_MS)
    assert site.complaints == []


def test_the_pipeline_shows_a_failover(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/pipeline/")
    live = page.locator('.calculator[data-role="live"]')
    expect(live).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator('.calculator[data-role="next"]')).to_have_count(1, timeout=PATIENCE_MS)
    before = live.get_attribute("data-calculator")
    pid = int(re.findall(r"process (\d+)", live.inner_text())[0])
    os.kill(pid, signal.SIGKILL)
    expect(page.locator("#transitions tbody tr", has_text="took over as live").first).to_be_visible(timeout=PATIENCE_MS)
    expect(live).not_to_have_attribute("data-calculator", before or "", timeout=PATIENCE_MS)
    expect(page.locator('[data-part="reformer-note"]')).to_contain_text("at position")
    expect(page.locator("#ledger-note")).to_contain_text("received")


def test_an_operator_promotes_next(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/pipeline/")
    coming = page.locator('.calculator[data-role="next"]')
    expect(coming).to_have_count(1, timeout=PATIENCE_MS)
    name = coming.get_attribute("data-calculator")
    coming.get_by_role("button", name="Promote").click(timeout=PATIENCE_MS)
    page.locator("#confirm").get_by_role("button", name="Promote").click()
    promoted = page.locator(f'.calculator[data-calculator="{name}"]')
    expect(promoted).to_have_attribute("data-role", "live", timeout=PATIENCE_MS)
    expect(page.locator("#transitions")).to_contain_text("root asked for it")
