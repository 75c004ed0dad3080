"""The billing page of the docs as a browser shows it, in every status and both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

pytest.importorskip("fastapi", reason="needs FastAPI")
pytest.importorskip("jinja2", reason="needs Jinja2")
pytest.importorskip("playwright", reason="needs Playwright")
pytest.importorskip("uvicorn", reason="needs uvicorn")

from playwright.sync_api import Browser, Page

from docs.examples.billing_page.accounts import NAMES
from tests.billing_page.browser import CHROMIUM, chromium, served

if CHROMIUM is None:
    pytest.skip("needs Chromium: install it, or name it in $CHROMIUM", allow_module_level=True)

ADDRESSES = [f"/{name}?lang={language}" for name in NAMES for language in ("fr", "en")]
ADDRESSES += ["/active?role=manager", "/nobody", "/active?lang=de"]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The pages, served for the module."""
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the module; each test has pages of its own."""
    with chromium() as opened:
        yield opened


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_whole_on_a_telephone_and_on_a_desk(
    browser: Browser, site: str, address: str
) -> None:
    """It fits 360 and 1280 pixels, folds opened too, and neither errs nor fetches from outside."""
    said: list[str] = []
    asked: list[str] = []
    with browser.new_page() as page:
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            answer = page.goto(f"{site}{address}")
            assert answer is not None
            assert overflow(page) == 0
            page.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")
            assert overflow(page) == 0
            refused = (
                f"Failed to load resource: the server responded with a status of {answer.status}"
            )
            assert [row for row in said if answer.ok or not row.startswith(refused)] == []
    assert [urlsplit(url).path for url in asked] == [urlsplit(address).path] * 2
    assert {urlsplit(url).hostname for url in asked} == {"127.0.0.1"}


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_has_a_name_and_a_description(browser: Browser, site: str, name: str) -> None:
    """Who does not see the time-line is told what it is, in the language of the page."""
    with browser.new_page() as page:
        for language, first in (("fr", "Chronologie, "), ("en", "Time-line, ")):
            page.goto(f"{site}/{name}?lang={language}")
            picture = page.get_by_role("img")
            assert picture.count() == 1
            assert page.get_by_role("img", name=re.compile(f"^{first}")).count() == 1
            assert picture.locator("desc").text_content()


def test_both_languages_lead_to_one_another(browser: Browser, site: str) -> None:
    """The switch keeps the account, and the page says which language it is in."""
    with browser.new_page() as page:
        page.goto(f"{site}/past_due")
        assert page.locator("html").get_attribute("lang") == "fr"
        page.get_by_role("link", name="In English").click()
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.get_by_text("Payment required").count() == 1
        page.get_by_role("link", name="En français").click()
        assert page.get_by_text("Paiement requis").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(browser: Browser, site: str, scheme: str) -> None:
    """Light and dark, each text has the contrast of 4.5 that WCAG 2.2 asks for (1.4.3, AA)."""
    with browser.new_page(color_scheme=scheme) as page:  # type: ignore[arg-type]
        for name in NAMES:
            page.goto(f"{site}/{name}?lang=en")
            contrasts = page.evaluate(CONTRASTS)
            assert len(contrasts) > 20
            assert [each for each in contrasts if each[1] < 4.5] == []


CONTRASTS = """() => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = channels(colour).map(each => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0) return colour;
    }
  };
  const texts = [...document.querySelectorAll("body *:not(svg, svg *)")].filter(element =>
    [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()));
  return texts.map(element => {
    const [dark, bright] = [light(getComputedStyle(element).color), light(ground(element))].sort(
      (a, b) => a - b);
    return [element.textContent.trim().slice(0, 40), (bright + 0.05) / (dark + 0.05)];
  });
}"""
