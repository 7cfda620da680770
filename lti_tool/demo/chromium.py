"""A visitor with a real browser: Chromium in a private window, where third-party cookies are blocked."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Error, Frame, Locator, Page, sync_playwright
from playwright.sync_api import TimeoutError as TookTooLong

from lti_tool.demo.visitors import NOTHING, TIMEOUT, Fields, VisitError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
ARGUMENTS = (
    "--no-sandbox",  # in containers there is none, and only our own pages are opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The page that a click led to: another document, loaded, and not one that goes on by itself.
SETTLED = """() => document.readyState === "complete" && document.querySelector("main")
  && !document.documentElement.dataset.seen && !document.querySelector("form[data-submit], [data-leave-to]")"""
# Another document than the one that was marked, and no longer empty.
LEFT = "() => document.documentElement && !document.documentElement.dataset.seen"
# Seconds until a click is taken to have come to nothing.
PATIENCE = 10
# Milliseconds between looks. Not at each frame that is painted: one out of sight is painted never.
OFTEN = 50
# What there is to choose: the options of a list, or a box and the words beside it.
CHOICES = """all => all.flatMap((each) => each.options
  ? [...each.options].map((option) => [option.value, option.text.trim()])
  : [[each.value, each.closest("label")?.textContent.trim() ?? ""]])"""


def path() -> str | None:
    """Where Chromium, or a browser made from it, is on this machine."""
    return next(filter(None, map(shutil.which, NAMES)), MAC if os.path.exists(MAC) else None)


@contextmanager
def running(executable: str | None = None, headed: bool = False) -> Iterator[Browser]:
    """A running Chromium; raises VisitError where none starts."""
    executable = executable or path()
    if executable is None:
        raise VisitError("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=executable, headless=not headed, args=list(ARGUMENTS))
        except Error as error:
            raise VisitError(f"{executable} does not start: {error.message.splitlines()[0]}") from error
        try:
            yield browser
        finally:
            browser.close()


# What the dots on a piece are called in their form; and the button of a form that sends it.
DOTS = "dots-"
SENDS = "button:not([name=more], [name=less])"


class ChromiumVisitor:
    """Clicks and types, in the LMS's frame where the page has one."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page = context.pages[0] if context.pages else context.new_page()
        self.page.set_default_timeout(TIMEOUT * 1000)

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.settle()

    def follow(self, ending: str) -> None:
        link = self.place.locator(f'a[href$="{ending}"]').first
        for summary in self.folded(link).all():
            summary.press("Enter")
        self.press(link)

    def controls(self, action: str) -> list[tuple[str, str]]:
        named = self.place.locator(f'form[action$="{action}"]').first.locator("[name]")
        return [tuple(pair) for pair in named.evaluate_all("all => all.map((each) => [each.name, each.value])")]

    def has(self, action: str) -> bool:
        return self.place.locator(f'form[action$="{action}"]').count() > 0

    def choices(self, action: str, name: str) -> list[tuple[str, str]]:
        named = self.place.locator(f'form[action$="{action}"] [name="{name}"]')
        return [tuple(pair) for pair in named.evaluate_all(CHOICES)]

    def submit(self, action: str, fields: Fields, having: Mapping[str, str] = NOTHING) -> None:
        form = self.form(action, having)
        for summary in self.folded(form).all():
            summary.press("Enter")
        for name in fields:
            # Within a form too something may be folded in.
            for summary in self.folded(form.locator(f'[name="{name}"]').first).all():
                summary.press("Enter")
        for name, value in fields.items():
            control = form.locator(f'[name="{name}"]').first
            kind = control.evaluate("each => each.type")
            if kind in ("radio", "checkbox"):
                for each in [value] if isinstance(value, str) else value:
                    self._check(form.locator(f'[name="{name}"][value="{each}"]'))
            elif kind == "select-one":
                control.select_option(value)
            elif name.startswith(DOTS):
                button, times = self.laying(control, int(str(value)))
                for _ in range(times):
                    button.press("Enter")
            elif kind == "hidden":
                # The form says it already, of itself.
                if control.input_value() != value:
                    raise VisitError(f"the form {action} says {name}={control.input_value()}")
            else:
                control.fill(str(value))
        self.press(form.locator(SENDS).first)

    def laying(self, field: Locator, wanted: int) -> tuple[Locator, int]:
        """The button that brings a piece to so many dots, and how often to press it."""
        more = wanted - int(field.input_value())
        piece = field.locator("xpath=ancestor::*[@data-piece]")
        return piece.locator(f"button[name={'more' if more > 0 else 'less'}]"), abs(more)

    def form(self, action: str, having: Mapping[str, str] = NOTHING) -> Locator:
        """The first form whose action ends so, and which has these values."""
        found = self.place.locator(f'form[action$="{action}"]')
        for name, wanted in having.items():
            found = found.filter(has=self.place.locator(f'[name="{name}"][value="{wanted}"]'))
        return found.first

    def folded(self, thing: Locator) -> Locator:
        """What has to be folded out to see it, from the outside in."""
        return thing.locator("xpath=ancestor::details[not(@open)]/summary")

    def text(self) -> str:
        return " ".join((self.place.locator("body").text_content() or "").split())

    @property
    def place(self) -> Page | Frame:
        """Where the tool is: the LMS's frame, or the page itself."""
        return next(iter(self.page.main_frame.child_frames), self.page)

    def press(self, thing: Locator) -> None:
        """Click on what leads to another page, and wait for that page."""
        with self.leaving():
            thing.click()
            if self._same_page():
                # A click finds its way by what was painted last, and with many windows open a frame may not have been
                # painted since. Keys go to what has the focus. The tool's forms are sent once, however often pressed.
                thing.press("Enter")

    def _check(self, box: Locator) -> None:
        try:
            box.check()
        except Error:
            # As with `press`.
            box.press("Space")

    def _same_page(self) -> bool:
        try:
            self.place.wait_for_function(LEFT, polling=OFTEN, timeout=PATIENCE * 1000)
        except TookTooLong:
            return True
        except Error:
            # The frame is gone with what it held.
            return False
        return False

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Do something within that leads to another page, and wait for that page."""
        # Of several tabs only the one in front takes clicks in its frames.
        self.page.bring_to_front()
        self.place.evaluate("document.documentElement.dataset.seen = 1")
        yield
        self.settle()

    def settle(self) -> None:
        """Wait until the page is there to stay."""
        place = self.place
        try:
            place.wait_for_function(SETTLED, polling=OFTEN)
        except Error as error:
            # Content was selected: the frame is gone, and the whole page went on.
            if not (isinstance(place, Frame) and place.is_detached()):
                raise VisitError(f"{place.url} came to no end: {error.message.splitlines()[0]}") from error
            self.page.wait_for_function(SETTLED, polling=OFTEN)
