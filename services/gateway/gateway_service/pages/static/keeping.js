// What was typed is kept when its page is hidden or left, as whatever is pressed keeps it, and nothing changes in front of
// the operator: the form goes on with the version that the draft has by that, so it is not stale. Until the draft has it,
// it is noted in the tab's own session storage (left.js). Before wizard.js, for what is pressed waits until what was typed
// before is kept.

const MOST = 60_000; // bytes that a browser sends on for a page that is gone
const LARGE = 1024 * 1024; // bytes of a file that may not get through: what was typed beside it is kept before
const STALE = [409, 412];
const CUT = 422;
let kept = ""; // as the draft has it
let asking = null; // while there is no answer yet
let unsure = null; // what no answer came for: it may be kept or not
let isPressed = false;

const keeping = () => document.querySelector("#page[data-keeps]");
const typed = () => new URLSearchParams(fields(keeping())).toString();
const isDirty = () => keeping() && !isPressed && (unsure !== null || typed() !== kept);

// Whether the draft has it: "yes", "cut" if a field is too long to be kept whole, "no" if it is another one by now, or ""
// if that was not said. `left`: another page that was left with it.
function keep(what, left) {
  const form = keeping();
  const { csrf, version } = form.elements;
  const sent = { csrf: csrf.value, version: left?.version ?? version.value, keep: "yes" };
  const body = `${what}&${new URLSearchParams(sent)}`;
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  const request = { method: "POST", body, headers, keepalive: body.length < MOST, signal: AbortSignal.timeout(5000) };
  asking = fetch(left?.at ?? form.getAttribute("action"), request)
    .then(async (answer) => {
      const isCut = answer.status === CUT && answer.headers.has("ETag");
      const now = isCut ? JSON.parse(answer.headers.get("ETag")) : answer.ok && !answer.redirected ? await answer.text() : "";
      if (!left) unsure = null;
      if (now && !left && form.isConnected) version.value = now;
      if (now && !isCut && !left) kept = what;
      return isCut ? "cut" : now ? "yes" : STALE.includes(answer.status) ? "no" : "";
    })
    .catch(() => {
      if (!left) unsure = what;
      return "";
    })
    .finally(() => {
      asking = null;
    });
  return asking;
}

// All that was typed so far: what no answer came for is sent again as it was, for the draft may have it by then.
async function settle() {
  if (isDirty()) note(keeping());
  if (asking) await asking;
  if (unsure !== null && (await keep(unsure)) !== "yes") return;
  if (!isDirty()) return;
  const form = keeping();
  note(form);
  if ((await keep(typed())) === "yes") forget(form);
}

const leave = () => isDirty() && settle();
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
  const isPage = form.matches("#page"); // its own id is a field's on the Customer tab
  const isLarge = [...new FormData(form).values()].some((value) => value.size > LARGE);
  const waits = isPage ? asking || unsure !== null || (isLarge && isDirty()) : isDirty();
  if (!keeping() || goesOn || !waits) {
    isPressed ||= isPage;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  (isPage && !isLarge ? asking ?? keep(unsure) : settle()).then(() => {
    goesOn = true;
    form.requestSubmit(event.submitter);
    goesOn = false;
  });
}, true);

function begin() {
  isPressed = false;
  unsure = null;
  const form = keeping();
  const isRefused = form?.hasAttribute("data-refused"); // then the draft does not have what stands in it
  kept = form && !isRefused ? typed() : "";
  if (form) recall(form, isRefused);
}
document.addEventListener("htmx:after:swap", (event) => event.detail.ctx?.target?.id === "main" && begin());
addEventListener("pageshow", (event) => event.persisted && location.reload());
begin();
