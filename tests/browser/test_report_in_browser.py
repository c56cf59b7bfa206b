"""The HTML page in a real browser: it works by keyboard, acts on nothing hostile, asks for nothing.

Needs Chromium and its driver on the path (Debian: `chromium chromium-driver`) and Selenium; where
one is missing these tests fail, for a page that nobody looked at is not tested.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from sgformats.captures.exchange import Source
from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.contract.showing import visible
from tests.report.htmlkit import HOSTILE, page_of
from tests.report.reportkit import problem, written

# What a new browser would otherwise say to its maker, who is not there.
QUIET = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
)
# Notes every violation of the policy, from before the page's first tag.
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (event) => window.violations.push(event.effectiveDirective));
"""
Show = Callable[..., Chrome]


def program(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"missing {' or '.join(names)}: apt-get install chromium chromium-driver"
    return found


def log(page: Chrome, kind: str) -> list[dict[str, Any]]:
    """What a log took up since it was last read."""
    entries: list[dict[str, Any]] = page.get_log(kind)  # type: ignore[no-untyped-call]
    return entries


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = program("chromium", "chromium-browser", "google-chrome")
    for argument in QUIET:
        options.add_argument(argument)
    if os.geteuid() == 0:  # Chromium's sandbox refuses to be root's.
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=ChromeService(program("chromedriver")))
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    yield driver
    driver.quit()


@pytest.fixture
def show(browser: Chrome, tmp_path: Path) -> Iterator[Show]:
    """Opens a page: its text, what follows `#`, how wide, which colours, with scripts or without."""

    def opened(
        text: str, fragment: str = "", *, width: int = 1200, scheme: str = "light", js: bool = True
    ) -> Chrome:
        file = tmp_path / "report.html"
        file.write_text(text, "utf-8")
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        colours = {"name": "prefers-color-scheme", "value": scheme}
        for command, values in (
            ("Emulation.setDeviceMetricsOverride", metrics),
            ("Emulation.setEmulatedMedia", {"media": "", "features": [colours]}),
            ("Emulation.setScriptExecutionDisabled", {"value": not js}),
        ):
            browser.execute_cdp_cmd(command, values)
        browser.get("about:blank")
        for kind in ("browser", "performance"):
            log(browser, kind)
        browser.get(file.as_uri() + fragment)
        return browser

    yield opened
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def visible_problems(page: Chrome) -> list[int]:
    """The numbers of the problems in sight."""
    shown = page.find_elements(By.CSS_SELECTOR, "li.problem:not([hidden])")
    return [int(str(item.get_attribute("id")).partition("-")[2]) for item in shown]


def count(page: Chrome) -> str:
    return page.find_element(By.ID, "count").text


def until(page: Chrome, expected: str) -> None:
    """Waits until the count says that."""
    WebDriverWait(page, 10, 0.05).until(
        lambda _: count(page) == expected, f"expected {expected}, found {count(page)}"
    )


def requests(page: Chrome) -> list[str]:
    """Every address that the page asked for."""
    events = (json.loads(entry["message"])["message"] for entry in log(page, "performance"))
    return [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]


def named(page: Chrome, name: str) -> Any:
    return page.find_element(By.CSS_SELECTOR, f"#filter [name={name}]")


# It is what it says, and nothing else


@pytest.mark.parametrize("text", [written("html"), page_of(HOSTILE)], ids=["sample", "hostile"])
def test_nothing_is_asked_for_and_nothing_complained_of(show: Show, text: str) -> None:
    page = show(text)
    assert log(page, "browser") == []
    assert page.execute_script("return window.violations") == []
    asked = [url for url in requests(page) if not url.startswith("data:")]
    assert asked == [page.current_url]


def test_nothing_hostile_acts(show: Show) -> None:
    page = show(page_of(HOSTILE))
    assert page.title == "18 errors · sgformats"
    assert page.execute_script("return document.scripts.length") == 1
    assert page.execute_script("return document.styleSheets.length") == 1
    messages = page.find_elements(By.CSS_SELECTOR, ".message")
    shown = [message.get_property("textContent") for message in messages]
    assert shown[::2] == [visible(text) for text in HOSTILE]
    # Neither does it when it is moved over, clicked, or written into the filter.
    for link in page.find_elements(By.CSS_SELECTOR, "#rules a"):
        page.execute_script(
            "arguments[0].dispatchEvent(new MouseEvent('mouseover', {bubbles: true}));"
            "arguments[0].click()",
            link,
        )
        assert count(page) == "2 of 36 problems"
    assert page.title == "18 errors · sgformats"
    assert page.execute_script("return window.violations") == []


def test_every_hostile_rule_comes_back_from_its_fragment(show: Show) -> None:
    page = show(page_of(HOSTILE))
    links = page.find_elements(By.CSS_SELECTOR, "#rules a")
    names = [str(link.get_attribute("data-only")) for link in links]
    assert sorted(names) == sorted(map(visible, HOSTILE))
    for link, name in zip(links, names, strict=True):
        page.execute_script("arguments[0].click()", link)
        fragment = page.execute_script("return location.hash")
        page.execute_script("location.hash = ''")
        until(page, "36 problems")
        page.execute_script("location.hash = arguments[0]", fragment)
        until(page, "2 of 36 problems")
        assert named(page, "rule").get_property("value") == name


def test_the_policy_is_in_force(show: Show) -> None:
    page = show(written("html"))
    page.execute_script(
        "document.body.insertAdjacentHTML('beforeend', arguments[0])",
        "<img src='https://example.com/x.png'><b onclick='document.title=1' style='color:red'>x</b>",
    )
    page.execute_script("document.body.lastElementChild.click()")
    WebDriverWait(page, 10, 0.05).until(
        lambda _: page.execute_script("return window.violations.length") == 3
    )
    assert sorted(page.execute_script("return window.violations")) == [
        "img-src",
        "script-src-attr",
        "style-src-attr",
    ]
    assert page.title == "4 errors and 1 warning · sgformats"


def test_without_javascript_everything_is_shown(show: Show) -> None:
    page = show(written("html"), js=False)
    assert visible_problems(page) == [1, 2, 3, 4, 5, 6, 7]
    assert not page.find_element(By.ID, "filter").is_displayed()
    assert not page.find_element(By.ID, "nothing").is_displayed()
    assert all(item.is_displayed() for item in page.find_elements(By.CSS_SELECTOR, "li.problem"))


# The filter


def test_the_filter_works_by_keyboard_alone(show: Show) -> None:
    page = show(written("html"))
    assert count(page) == "7 problems"
    text = named(page, "text")
    text.send_keys("API_KEY in a URL")
    until(page, "1 of 7 problems")
    assert visible_problems(page) == [4]
    assert page.execute_script("return location.hash") == "#text=API_KEY+in+a+URL"
    text.send_keys(Keys.CONTROL, "a")
    text.send_keys(Keys.DELETE)
    until(page, "7 problems")
    # On to the rule, and down to the first.
    text.send_keys(Keys.TAB)
    page.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    until(page, "3 of 7 problems")
    assert page.execute_script("return location.hash") == "#rule=invalid-timestamp"
    # The file, then the boxes: known ones out.
    page.switch_to.active_element.send_keys(Keys.TAB)
    assert page.switch_to.active_element == named(page, "file")
    for _ in range(3):
        page.switch_to.active_element.send_keys(Keys.TAB)
    assert page.switch_to.active_element.get_attribute("value") == "known"
    page.switch_to.active_element.send_keys(Keys.SPACE)
    until(page, "2 of 7 problems")
    assert visible_problems(page) == [1, 2]
    for _ in range(2):
        page.switch_to.active_element.send_keys(Keys.TAB)
    assert page.switch_to.active_element.text == "Show all"
    page.switch_to.active_element.send_keys(Keys.ENTER)
    until(page, "7 problems")
    assert page.execute_script("return location.hash") == ""


def test_exchanges_and_files_without_a_match_are_out_of_sight(show: Show) -> None:
    page = show(written("html"), "#file=captures%2Fcut.har")
    assert count(page) == "1 of 7 problems"
    files = page.find_elements(By.CSS_SELECTOR, "section.file")
    assert [file.is_displayed() for file in files] == [False, False, True]
    named(page, "text").send_keys("nowhere")
    until(page, "0 of 7 problems")
    assert page.find_element(By.ID, "nothing").text == "No problem matches."
    assert not page.find_elements(By.CSS_SELECTOR, "article:not([hidden])")


@pytest.mark.parametrize(
    ("fragment", "seen"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("#rule=invalid-timestamp", [1, 2, 5]),
        ("#show=warning,tolerated", [4, 6]),
        ("#show=", []),
        ("#text=days", [2, 3, 4, 5, 6]),
        ("#text=ENTRY+3&rule=invalid-timestamp&show=error", [2]),
        ("#file=.%2Fcaptures%2Fa+b.har&show=error", [2, 3]),
        ("#rule=no-such-rule", [1, 2, 3, 4, 5, 6, 7]),
        ("#problem-3", [1, 2, 3, 4, 5, 6, 7]),
        ("#%zz=%E0%A4%A", [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_the_fragment_sets_the_filter(show: Show, fragment: str, seen: list[int]) -> None:
    page = show(written("html"), fragment)
    assert visible_problems(page) == seen
    assert log(page, "browser") == []


def test_a_link_to_a_problem_shows_it_and_keeps_the_filter_where_it_can(show: Show) -> None:
    page = show(written("html"), "#rule=invalid-timestamp")
    page.execute_script("location.hash = '#problem-2'")
    assert visible_problems(page) == [1, 2, 5]
    page.execute_script("location.hash = '#problem-7'")
    until(page, "7 problems")
    top = page.execute_script(
        "return document.getElementById('problem-7').getBoundingClientRect().top"
    )
    assert 0 <= top < 900


def test_a_rule_of_the_overview_filters_and_the_way_back_is_the_browsers(show: Show) -> None:
    page = show(written("html"))
    page.find_element(By.CSS_SELECTOR, "#rules a[data-only=secret-in-url]").click()
    until(page, "1 of 7 problems")
    assert page.switch_to.active_element == named(page, "rule")
    page.back()
    until(page, "7 problems")


def test_thousands_of_problems_can_be_filtered(show: Show) -> None:
    finding = Finding(problem("truncated", "x" * 80))
    last = Finding(problem("missing-field", "the needle"))
    outcomes = [
        Outcome(Source("a.har", entry, entry + 1, 0), findings=(finding,)) for entry in range(5200)
    ]
    outcomes.append(Outcome(Source("b.har", 0, 1, 0), findings=(last,)))
    page = show(written("html", outcomes, CheckSummary(exchanges=5201, checked=5201, errors=5201)))
    assert count(page) == "5,001 problems"
    named(page, "text").send_keys("needle")
    until(page, "1 of 5,001 problems")
    assert visible_problems(page) == [5001]


# How it looks


def colours(page: Chrome) -> tuple[str, str]:
    style = "getComputedStyle(document.body)"
    found = page.execute_script(f"return [{style}.backgroundColor, {style}.color]")
    return found[0], found[1]


def test_it_follows_the_reader_into_the_dark_and_prints_on_white(show: Show) -> None:
    assert colours(show(written("html"))) == ("rgb(255, 255, 255)", "rgb(26, 30, 36)")
    page = show(written("html"), scheme="dark")
    assert colours(page) == ("rgb(19, 22, 26)", "rgb(228, 231, 235)")
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [dark]})
    assert colours(page) == ("rgb(255, 255, 255)", "rgb(26, 30, 36)")
    assert not page.find_element(By.ID, "filter").is_displayed()


@pytest.mark.parametrize("text", [written("html"), page_of(HOSTILE)], ids=["sample", "hostile"])
def test_a_phone_scrolls_down_and_never_sideways(show: Show, text: str) -> None:
    page = show(text, width=360)
    assert page.execute_script("return document.documentElement.scrollWidth") == 360
    assert page.execute_script(
        "return [...document.querySelectorAll('#filter input, #filter select, #filter button')]"
        ".every((part) => part.getBoundingClientRect().right <= 360)"
    )


def test_on_a_phone_the_caret_of_a_long_line_comes_into_sight(show: Show) -> None:
    page = show(written("html"), "#problem-2", width=360)
    inside = (
        "const frame = document.querySelector('#problem-2 .frame');"
        "const [box, caret] = [frame, frame.querySelector('b')].map((e) => e.getBoundingClientRect());"
        "return caret.left > box.left && caret.right < box.right"
    )
    WebDriverWait(page, 10, 0.05).until(lambda _: page.execute_script(inside))
