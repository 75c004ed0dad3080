"""The examples and the sandbox of the built site as they run in a browser."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("playwright", reason="needs Playwright")

from playwright.sync_api import Browser, Page, expect

from docs.building.playground import RUN
from docs.sandbox.sandbox import STORIES
from tests.billing_page.browser import CHROMIUM, chromium
from tests.playground.figures import FIGURES
from tests.playground.site import built, served

if CHROMIUM is None:
    pytest.skip("needs Chromium: install it, or name it in $CHROMIUM", allow_module_level=True)

BEFORE_THE_FIRST_TOUCH = 300_000
"""How many bytes a page may load by itself."""

FIRST_RESULT = 45
"""How many seconds the first result may take here; 15, cold, on two cores that do nothing else."""

PATIENCE = 60_000
"""Milliseconds until a test gives up waiting."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site, built once and served for all."""
    with served(built(tmp_path_factory.mktemp("site"))) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the module, whose loop no other test can run in; each has its own pages."""
    expect.set_options(timeout=PATIENCE)
    with chromium() as opened:
        yield opened


class Watched:
    """A page of the site, what it said on its console, and what it loaded."""

    def __init__(self, page: Page) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self.bytes = 0
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.context.on("request", lambda request: self.asked.append(request.url))
        page.on("requestfinished", self._count)

    def _count(self, request: Any) -> None:
        sizes = request.sizes()
        self.bytes += sizes["responseHeadersSize"] + sizes["responseBodySize"]

    def check(self) -> None:
        """No error, and nothing from elsewhere."""
        assert self.said == []
        assert {urlsplit(url).hostname for url in self.asked if not url.startswith("data:")} == {
            "127.0.0.1"
        }


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with an empty cache."""
    with browser.new_context(locale="en-GB") as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


@pytest.fixture
def sandbox(site: str, page: Page) -> Page:
    """The sandbox, started."""
    page.goto(f"{site}/sandbox.html")
    page.get_by_role("button", name="Start the sandbox").click()
    expect(page.locator(".sandbox-picture svg")).to_be_visible()
    return page


@pytest.mark.parametrize(
    ("address", "button", "result"),
    [
        ("tutorial.html", ".playground-run >> nth=0", ".playground-output"),
        ("rules/examples.html", ".playground-run >> nth=1", ".playground-output >> nth=1"),
        ("sandbox.html", ".sandbox-start", ".sandbox-picture svg"),
    ],
)
def test_a_page_is_light_until_it_is_touched_and_then_soon_there(
    site: str,
    page: Page,
    capsys: pytest.CaptureFixture[str],
    address: str,
    button: str,
    result: str,
) -> None:
    """Python is loaded at the first touch alone, and everything comes from the site itself."""
    watched = Watched(page)
    page.goto(f"{site}/{address}", wait_until="networkidle")
    before = watched.bytes
    assert 0 < before <= BEFORE_THE_FIRST_TOUCH
    assert not [url for url in watched.asked if "pyodide" in url or "worker" in url]
    began = time.monotonic()
    page.locator(button).click()
    expect(page.locator(result)).to_be_visible()
    took = time.monotonic() - began
    with capsys.disabled():
        print(f"\n{address}: {before:,} bytes before the first touch, a result in {took:.1f} s")  # noqa: T201 — the seconds are for who runs it
    assert any(url.endswith("/pyodide.asm.wasm") for url in watched.asked)
    assert took < FIRST_RESULT
    watched.check()


def test_every_example_of_the_listed_pages_runs_and_prints_what_stands_there(
    site: str, page: Page
) -> None:
    """As written on the built page, block by block; one Python runs them all."""
    watched = Watched(page)
    page.goto(f"{site}/tutorial.html")
    for name in RUN:
        answer = page.request.get(f"{site}/{name}.html")
        blocks = re.findall(
            r'<div class="highlight-(python|text) [^>]*><div class="highlight"><pre>(.*?)</pre>|(<p>)',
            answer.text(),
            re.DOTALL,
        )
        written = [(kind, unescape(re.sub("<[^>]*>", "", text))) for kind, text, _ in blocks]
        codes = [text for kind, text in written if kind == "python"]
        shown = [
            after if following == "text" else ""
            for (kind, _), (following, after) in zip(written, [*written[1:], ("", "")], strict=True)
            if kind == "python"
        ]
        assert codes, name
        ran = page.evaluate(
            "async codes => (await import('/_static/playground/python.js'))"
            ".call('blocks', 'ran', codes)",
            codes,
        )
        assert [each["error"] for each in ran] == [""] * len(codes), name
        assert [each["printed"] for each in ran] == shown, name
    watched.check()


def test_a_block_can_be_edited_and_is_run_after_those_above_it(site: str, page: Page) -> None:
    """Its output stands below it; an error is short, and ends the run."""
    watched = Watched(page)
    page.goto(f"{site}/tutorial.html")
    codes, buttons = page.locator(".highlight-python pre"), page.locator(".playground-run")
    assert codes.count() == buttons.count() > 10
    codes.nth(1).fill("print(account.subscription.seats)\n")
    buttons.nth(1).click()
    below = page.locator(".highlight-python + .playground-output")
    expect(below).to_have_text(["Ran, and printed nothing.", "2\n"])
    codes.nth(0).fill("account = missing")
    codes.nth(1).press("Control+Enter")
    expect(below).to_have_text([
        "Line 1: account = missing\nNameError: name 'missing' is not defined",
        "A block above failed.",
    ])
    expect(buttons.nth(1)).to_be_enabled()
    watched.check()


@pytest.mark.parametrize("missing", ["pyodide.mjs", "python_stdlib.zip", "packages.zip"])
def test_where_python_cannot_start_the_page_says_so_in_a_line(
    site: str, page: Page, missing: str
) -> None:
    """And not with the source of the interpreter."""
    page.route(f"**/{missing}", lambda route: route.fulfill(status=404, body="none"))
    page.goto(f"{site}/tutorial.html")
    page.locator(".playground-run").first.click()
    failed = page.locator(".playground-failed")
    expect(failed).to_be_visible()
    assert 10 < len(failed.inner_text()) < 300


def test_a_page_with_its_output_shows_the_new_one_in_its_place(site: str, page: Page) -> None:
    """What stood there as text is what is printed."""
    page.goto(f"{site}/how-to/billing-page.html")
    texts = page.locator(".highlight-python + .highlight-text")
    stood = texts.all_text_contents()
    assert len(stood) > 3
    page.locator(".playground-run").last.click()
    expect(page.locator(".playground-output").first).to_be_visible()
    run = page.locator(".highlight-python + .highlight-text").all_text_contents()
    assert [each for each in run if each != "Ran, and printed nothing."] == stood


def test_a_page_that_needs_an_extra_has_no_button(site: str, page: Page) -> None:
    """Nor does it load a script for one."""
    watched = Watched(page)
    page.goto(f"{site}/how-to/month-end-frames.html", wait_until="networkidle")
    assert page.locator(".highlight-python").count() > 1
    assert page.locator(".playground-run").count() == 0
    assert not [url for url in watched.asked if "/playground/" in url]


def test_without_scripts_the_pages_read_whole(site: str, browser: Browser) -> None:
    """The sandbox shows a picture and says what it would do; a page shows its blocks."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site}/sandbox.html")
        assert page.get_by_role("img", name=re.compile("^Time-line")).count() == 1
        assert page.get_by_text("in a browser that runs scripts").count() == 1
        page.goto(f"{site}/tutorial.html")
        assert page.locator(".playground-run").count() == 0
        assert page.locator(".highlight-python").count() > 10


def test_every_story_gives_its_figures_in_the_browser(sandbox: Page) -> None:
    """Each worked example at each of its instants, as the page shows it."""
    watched = Watched(sandbox)
    for key, instants in FIGURES.items():
        sandbox.get_by_label("Story").select_option(key)
        settle(sandbox)
        for each in instants:
            sandbox.locator("[name=now]").fill(each.now)
            settle(sandbox)
            assert each.stands_in(sandbox.locator(".sandbox-shown").inner_html()), key
    assert watched.said == []


def settle(page: Page) -> None:
    """Wait until the page shows what was asked last."""
    expect(page.locator("#sandbox")).not_to_have_attribute("aria-busy", "true")


def test_the_slider_the_language_and_what_is_moved_are_followed(sandbox: Page) -> None:
    """By hand: E3 from its first day to its last, in both languages, with other seats."""
    watched = Watched(sandbox)
    sandbox.get_by_label("Story").select_option("E3")
    slider = sandbox.get_by_role("slider")
    slider.focus()
    slider.press("Home")
    expect(sandbox.locator(".sandbox-bill")).to_have_count(2)  # the first, and the next to come
    expect(sandbox.locator("[name=now]")).to_have_value("2026-10-15T09:00")
    slider.press("End")
    expect(sandbox.locator(".sandbox-bill")).to_have_count(4)
    expect(sandbox.locator("[name=now]")).to_have_value("2026-11-30T00:00")

    sandbox.get_by_label("Français").check()
    expect(sandbox.get_by_text("Ce que le compte peut faire")).to_be_visible()
    expect(sandbox.locator("#sandbox")).to_have_attribute("lang", "fr")
    expect(sandbox.locator("[name=now]")).to_have_value("2026-11-30T00:00")
    sandbox.locator("[name=seats-0]").fill("1")
    expect(sandbox.locator(".sandbox-bill").last).to_contain_text("19,00")
    sandbox.locator("[name=seats-0]").fill("")  # no number yet: what was shown stays
    sandbox.locator("[name=seats-0]").fill("2")
    expect(sandbox.locator(".sandbox-bill").last).to_contain_text("38,00")
    sandbox.locator("[name=at-1]").fill("2026-10-20T09:00")
    expect(sandbox.locator(".sandbox-picture desc")).to_contain_text("20 octobre 2026")
    assert watched.said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sandbox_fits_a_telephone_and_a_desk(sandbox: Page, scheme: Any) -> None:
    """In both languages, folds opened too."""
    sandbox.emulate_media(color_scheme=scheme)
    for story in (each.key for each in STORIES):
        sandbox.get_by_label("Story").select_option(story)
        settle(sandbox)
        for width in (360, 1280):
            sandbox.set_viewport_size({"width": width, "height": 800})
            sandbox.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")
            inside = "Math.max(...[...document.querySelectorAll('#sandbox form *')].map(each => each.getBoundingClientRect().right))"
            assert sandbox.evaluate("document.documentElement.scrollWidth") == width
            assert sandbox.evaluate(inside) <= width
