"""A phone of 360 by 640 that shows a page as the tool made it, without an LMS around it."""

import re
from typing import Any

from playwright.sync_api import Page, Route

from tests.browser.actors import FOLD_OUT, ROOT, STICKS_OUT, WIDE, ZOOMED, violations

WIDTH, HEIGHT = 360, 640

# Where the question ends, where the first thing to do is, and where the button that sends is; all in pixels.
LOOK = """() => {
  const box = (each) => each && each.getBoundingClientRect();
  const seen = (each) => each && each.getClientRects().length > 0;
  const main = document.querySelector("main"), form = main.querySelector("[data-answer]");
  const controls = "input:not([type=hidden]), textarea, select, button, summary, a.btn, article a, .idea a";
  const inside = [...(form || main).querySelectorAll(controls)].filter((each) => seen(each) && !each.closest("nav"));
  const send = form && form.querySelector("[data-send]");
  return {
    question: box(main.querySelector("h1")).bottom,
    first: inside.length ? box(inside[0]).bottom : null,
    send: send ? box(send).bottom : null,
    covered: inside.length > 0 && send !== null && inside[0] !== send
      && box(inside[0]).top >= box(form.querySelector(".send")).top,
    tall: document.documentElement.scrollHeight,
    wide: document.documentElement.scrollWidth,
  };
}"""


# Everything folded out, letters twice as large as somebody set them: what sticks out of the page then.
LARGE_LETTERS = """() => { document.documentElement.style.fontSize = "200%";
  for (const each of document.querySelectorAll("details")) each.open = true;
  return [...document.querySelectorAll("main *")].filter((each) => each.getBoundingClientRect().right > innerWidth + 1
    && getComputedStyle(each).clipPath === "none").map((each) => each.outerHTML.slice(0, 120)); }"""
# In forced colours a background is gone: what is a button by its border only, and what is chosen by its own mark.
EDGES = """() => [...document.querySelectorAll("main .btn, main input:not([type=hidden]), main textarea")]
  .filter((each) => each.getClientRects().length && !parseFloat(getComputedStyle(each).borderTopWidth)
    && !["checkbox", "radio", "file"].includes(each.type)).map((each) => each.outerHTML.slice(0, 120))"""


class Screen:
    """A phone that is handed pages as the tool made them."""

    def __init__(self, page: Page) -> None:
        self.page, self.html = page, ""
        page.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        name = re.sub(r"[?#].*", "", route.request.url).rpartition("/")[2]
        if "/static/" in route.request.url:
            route.fulfill(path=ROOT / "lti_tool" / "static" / name)
        elif route.request.resource_type != "document":
            # Asked for news, a page that answers with itself would be shown inside itself.
            route.abort()
        else:
            route.fulfill(body=self.html, content_type="text/html; charset=utf-8")

    def look(self, html: str, width: int = WIDTH) -> dict[str, Any]:
        """Show a page, and say where things are on it."""
        self.html = html
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.goto("http://tool.test/")
        found: dict[str, Any] = self.page.evaluate(LOOK)
        return found

    def sound(self, html: str) -> None:
        """Nothing scrolls sideways, and axe."""
        self.fits(html, "en")
        assert not (found := violations(self.page)), found

    def fits(self, html: str, language: str) -> None:
        """Nothing scrolls sideways on a screen, on a phone and at 400%, with everything folded out."""
        self.look(html, WIDE)
        assert self.page.locator("html").get_attribute("lang") == language
        for width in (WIDE, WIDTH, ZOOMED):
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            self.page.evaluate(FOLD_OUT)
            wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"at {width}: {wide} pixels too wide: {self.page.evaluate(STICKS_OUT)}"

    def too_wide_in_large_letters(self) -> list[str]:
        """What of the page that is shown sticks out of it, with letters twice as large."""
        found: list[str] = self.page.evaluate(LARGE_LETTERS)
        return found

    def without_edges(self) -> list[str]:
        """What cannot be told from the text around it in the colours that somebody's system forces."""
        self.page.emulate_media(forced_colors="active")
        found: list[str] = self.page.evaluate(EDGES)
        self.page.emulate_media(forced_colors="none")
        return found
