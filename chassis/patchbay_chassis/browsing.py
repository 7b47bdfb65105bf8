"""Fixtures for tests in a browser: pages that fail the test for what the browser complains of, and axe's verdict.

The browser is the system's Chromium, by PATCHBAY_CHROMIUM; screenshots go to `.artefacts/`.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

if TYPE_CHECKING:  # most test runs never see a browser
    from playwright.async_api import Browser, ConsoleMessage, Page

    Browse = Callable[..., Awaitable[Page]]
    Axe = Callable[..., Awaitable[None]]

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
AXE = Path("services/gateway/node_modules/axe-core/axe.min.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
_RUN = """async (tags) => (await axe.run(document, {runOnly: tags, resultTypes: ["violations"]})).violations.flatMap(
    (v) => v.nodes.map((n) => `${v.id} (${v.help}): ${n.target} ${n.failureSummary}`))"""
_WIDE = """document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")].filter(
    (e) => e.getBoundingClientRect().right > innerWidth).map((e) => `${e.tagName}.${e.className}`)"""
_CONTROLS = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"], [role=button]'
_BY_KEYBOARD = """(controls) => {
    const wrong = [];
    for (const e of document.querySelectorAll(controls)) {
        if (e.disabled || !e.checkVisibility() || e.closest("[aria-hidden=true]")) continue;
        e.focus({preventScroll: true});
        const s = getComputedStyle(e);
        if (e.tabIndex > 0) wrong.push([e, "comes out of turn"]);
        else if (e.tabIndex < 0 || document.activeElement !== e) wrong.push([e, "cannot be reached"]);
        else if (!(s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) && s.boxShadow === "none")
            wrong.push([e, "does not show that it has the focus"]);
    }
    return wrong.map(([e, what]) => `${e.outerHTML.slice(0, 120)} ${what}`);
}"""
# That the browser was told 4xx is what many tests are about; and some kill the site.
_EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (4\d\d|503)")
_AWAY = re.compile(r"Failed to load resource: net::ERR_|htmx: htmx:(sse:)?error: .*(Failed to fetch|network error)")


@pytest_asyncio.fixture
async def chromium() -> AsyncIterator[Browser]:
    """The browser, for one test."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - slow, and seldom needed

    path = os.environ.get("PATCHBAY_CHROMIUM", CHROMIUM)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture
def site_url() -> str:
    """Where pages without a host are looked for; those who test a site say where it is."""
    return "about:blank"


@pytest_asyncio.fixture
async def browse(chromium: Browser, site_url: str) -> AsyncIterator[Browse]:
    """Opens a page in a browser of its own: `await browse(js=False, dark=True, narrow=True)`.

    After the test, errors of the console, of scripts and against the Content-Security-Policy fail it; with `away` none
    that says that the site did not answer.
    """
    complaints: list[str] = []

    async def open_page(*, js: bool = True, dark: bool = False, narrow: bool = False, away: bool = False) -> Page:
        def heard(message: ConsoleMessage) -> None:
            fine = _EXPECTED.match(message.text) or (away and _AWAY.match(message.text))
            if message.type in {"error", "warning"} and not fine:
                complaints.append(f"{message.type}: {message.text}")

        context = await chromium.new_context(
            base_url=site_url,
            java_script_enabled=js,
            color_scheme="dark" if dark else "light",
            viewport=NARROW if narrow else WIDE,  # type: ignore[arg-type]
            locale="en-GB",
        )
        context.set_default_timeout(20_000)
        page = await context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        return page

    yield open_page
    for context in chromium.contexts:  # no stream is left open, for which the site would wait
        await context.close()
    assert not complaints, "the browser complains:\n" + "\n".join(complaints)


@pytest_asyncio.fixture
async def page(browse: Browse) -> Page:
    """A page with JavaScript."""
    return await browse()


@pytest_asyncio.fixture
async def no_js(browse: Browse) -> Page:
    """A page without JavaScript."""
    return await browse(js=False)


@pytest.fixture
def axe(request: pytest.FixtureRequest) -> Axe:
    """Fails with a list of what axe-core finds on the page against WCAG 2.2 AA: by all rules, or by those."""
    script = (request.config.rootpath / AXE).read_text()

    async def check(page: Page, rules: Sequence[str] = ()) -> None:
        if not await page.evaluate("() => 'axe' in window"):
            # As the debugger's own script it is not the page's, which forbids all but its own.
            session = await page.context.new_cdp_session(page)
            await session.send("Runtime.evaluate", {"expression": script})
            await session.detach()
        found = await page.evaluate(_RUN, rules or TAGS)
        assert not found, f"{page.url}:\n" + "\n".join(found)

    return check


@pytest.fixture
def fits() -> Callable[[Page], Awaitable[None]]:
    """Fails when the page has to be scrolled sideways."""

    async def check(page: Page) -> None:
        wide: list[str] = await page.evaluate(_WIDE)
        assert not wide, f"{page.url} is too wide: {', '.join(wide)}"

    return check


@pytest.fixture
def by_keyboard() -> Callable[[Page], Awaitable[None]]:
    """Fails when the keyboard reaches a control of the page out of turn or not at all, or nobody sees where it is. What
    nobody is told of is none, such as a button that is there for Enter alone."""

    async def check(page: Page) -> None:
        await page.keyboard.press("Tab")  # from now on the browser shows what has the focus
        wrong: list[str] = await page.evaluate(_BY_KEYBOARD, _CONTROLS)
        assert not wrong, f"{page.url}:\n" + "\n".join(wrong)

    return check


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], Awaitable[None]]:
    """Keeps a screenshot of the whole page under that name, as PNG if the name does not say otherwise."""
    folder = request.config.rootpath / ".artefacts"

    async def take(page: Page, name: str) -> None:
        await page.screenshot(path=folder / (name if "." in name else f"{name}.png"), full_page=True)

    return take
