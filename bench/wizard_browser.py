"""In a real Chromium: how long it takes from the click on Add until the number stands among the chosen, with prices."""

import os
import time

from playwright.async_api import async_playwright

from bench.wizard_data import SignedIn
from bench.wizard_pages import Visitor
from bench.wizard_walk import PREFIX, PRICE_LIST, SERVICE
from patchbay_chassis.browsing import CHROMIUM, FLAGS

# In each document: the click is noted before anything else hears of it, and the first frame that has the number and
# the sum of its prices. Whether a part of the page is replaced or all of it, it is seen.
_WATCH = """
    const now = () => performance.timeOrigin + performance.now();
    document.addEventListener("click", (event) => {
        if (event.target.value?.startsWith("add:")) sessionStorage.clicked = now();
    }, true);
    new MutationObserver(() => {
        const chosen = document.querySelectorAll('input[name="chosen"]').length;
        if (!sessionStorage.clicked || chosen < Number(sessionStorage.wanted)) return;
        if (!document.querySelector("#pricing strong")) return;
        sessionStorage.wanted = 1e9;
        requestAnimationFrame(() => setTimeout(() => { sessionStorage.shown = now(); }));
    }).observe(document, {childList: true, subtree: true});
"""
_WANT = """(wanted) => { sessionStorage.removeItem("clicked"); sessionStorage.removeItem("shown");
    sessionStorage.wanted = wanted; }"""
_TOOK = "() => sessionStorage.shown ? Number(sessionStorage.shown) - Number(sessionStorage.clicked) : 0"


async def adding_ms(url: str, operator: SignedIn, visitor: Visitor, times: int) -> list[float]:
    """Milliseconds of each. A price list is chosen beforehand, so that there are prices to show."""
    path = await _prepared(visitor)
    found: list[float] = []
    async with async_playwright() as playwright:
        executable = os.environ.get("PATCHBAY_CHROMIUM", CHROMIUM)
        browser = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        context = await browser.new_context(base_url=url, viewport={"width": 1280, "height": 900})
        await context.add_cookies([{"name": "patchbay", "value": operator.token, "url": url}])
        page = await context.new_page()
        await page.add_init_script(_WATCH)
        await page.goto(path)
        for there in range(1, times + 1):
            await page.evaluate(_WANT, there)
            await page.locator('button[value^="add:"]').first.click()
            await page.wait_for_function(_TOOK, timeout=20_000)
            found.append(await page.evaluate(_TOOK))
        await browser.close()
    return found


async def _prepared(visitor: Visitor) -> str:
    """A draft with a service, a price list and a search."""
    await visitor.get("/wizard", "start")
    page = await visitor.press(("", ""), action="/wizard")
    id_ = page.path.split("/")[2]
    await visitor.press(("go", "next"), {"name": f"Browser {time.time_ns():x}", "email": "browser@new.example"})
    await visitor.press(("go", "billing"), {"service_type": SERVICE})
    await visitor.press(("go", "numbers"), {"price_list-s1": PRICE_LIST})
    await visitor.press(("act", "search"), {"method": "random", "prefix": PREFIX, "count": "20"})
    return f"/wizard/{id_}/numbers"
