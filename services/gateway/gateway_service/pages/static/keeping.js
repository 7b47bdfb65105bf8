// What was typed is kept when its page is hidden or left, as whatever is pressed keeps it, and nothing changes in front of
// the operator: the form goes on with the version that the draft has by that, so it is not stale. Before wizard.js, for
// what is pressed waits until what was typed before is kept.

const MOST = 60_000; // bytes that a browser sends on for a page that is gone
const LARGE = 1024 * 1024; // bytes of a file that may not get through: what was typed beside it is kept before
const LEAVING = "leaving";
let kept = ""; // as the draft has it
let asking = null; // while there is no answer yet
let unsure = null; // what no answer came for: it may be kept or not
let isPressed = false;

const keeping = () => document.querySelector("#page[data-keeps]");

function typed() {
  const data = new FormData(keeping());
  for (const name of ["csrf", "version"]) data.delete(name);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return new URLSearchParams(data).toString();
}
const isDirty = () => keeping() && !isPressed && (unsure !== null || typed() !== kept);

// Whether the draft has it.
function keep(what) {
  const form = keeping();
  const { csrf, version } = form.elements;
  const body = `${what}&${new URLSearchParams({ csrf: csrf.value, version: version.value, keep: "yes" })}`;
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  const request = { method: "POST", body, headers, keepalive: body.length < MOST, signal: AbortSignal.timeout(5000) };
  asking = fetch(form.getAttribute("action"), request)
    .then(async (answer) => {
      const now = answer.ok && !answer.redirected ? await answer.text() : "";
      unsure = null;
      if (now && form.isConnected) version.value = now;
      if (now) kept = what;
      return now !== "";
    })
    .catch(() => {
      unsure = what;
      return false;
    })
    .finally(() => {
      asking = null;
    });
  return asking;
}

// All that was typed so far: what no answer came for is sent again as it was, for the draft may have it by then.
async function settle() {
  if (asking) await asking;
  if (unsure !== null && !(await keep(unsure))) return;
  if (isDirty()) await keep(typed());
}

function leave() {
  if (!isDirty()) return;
  const form = keeping();
  sessionStorage.setItem(LEAVING, JSON.stringify({ of: form.dataset.keeps, version: Number(form.elements.version.value) }));
  settle().then(() => {
    if (!isDirty()) sessionStorage.removeItem(LEAVING);
  });
}
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : unsure !== null && settle()));
addEventListener("pagehide", leave);
document.addEventListener("change", () => isDirty() && typed().length >= MOST && settle()); // too large to be sent on

// The ways in the page's header, which are buttons of the form without JavaScript, are links, and signing out is a form.
for (const way of document.querySelectorAll('[form="page"][name="go"]')) {
  if (way.closest("form")) {
    way.removeAttribute("form");
    continue;
  }
  const link = Object.assign(document.createElement("a"), { href: way.value, textContent: way.textContent });
  link.className = way.className.replace("btn btn-link way", "").trim();
  if (way.ariaCurrent) link.ariaCurrent = way.ariaCurrent;
  way.replaceWith(link);
}

// Whoever follows a link, or signs out, waits for it; so does what is pressed while there is no answer.
let goesOn = false;
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link?.target;
  if (!link || elsewhere || event.defaultPrevented || link.getAttribute("href").startsWith("#") || !isDirty()) return;
  event.preventDefault();
  settle().then(() => location.assign(link.href));
});
addEventListener("submit", (event) => {
  const form = event.target;
  const isLarge = [...new FormData(form).values()].some((value) => value.size > LARGE);
  const waits = form.id === "page" ? asking || unsure !== null || (isLarge && isDirty()) : isDirty();
  if (!keeping() || goesOn || !waits) {
    isPressed ||= form.id === "page";
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  (form.id === "page" && !isLarge ? asking ?? keep(unsure) : settle()).then(() => {
    goesOn = true;
    form.requestSubmit(event.submitter);
    goesOn = false;
  });
}, true);

// A page that was drawn while the one before it was still being kept: as soon as that is done it has the draft's version,
// or is drawn anew if what it shows is what was kept.
async function begin() {
  isPressed = false;
  unsure = null;
  const form = keeping();
  const isRefused = form?.hasAttribute("data-refused"); // then the draft does not have what stands in it
  kept = form && !isRefused ? typed() : "";
  const { of, version } = JSON.parse(sessionStorage.getItem(LEAVING) ?? "{}");
  if (!form || isRefused || of !== form.dataset.keeps) return;
  sessionStorage.removeItem(LEAVING);
  for (let n = 0; n < 10 && Number(form.elements.version.value) === version && !isDirty(); n++) {
    if (n) await new Promise((done) => setTimeout(done, 200));
    if (!(await keep(kept)) && unsure === null) return location.reload();
  }
}
document.addEventListener("htmx:after:swap", (event) => event.detail.ctx?.target?.id === "main" && begin());
addEventListener("pageshow", (event) => event.persisted && location.reload());
begin();
