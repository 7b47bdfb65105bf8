// The wizard's tabs with JavaScript. By htmx (the form in frame.html says how) the page that follows takes the place of
// this one's main part; here stands where the focus goes then, what one step back is, and what is done about an answer
// that is lost. Without JavaScript each button loads a page, and all works the same.

// One box under a list ticks or clears all of it. Without this, the server takes the box for all that are listed.
document.addEventListener("change", (event) => {
  const name = event.target.dataset?.ticks;
  if (!name) return;
  for (const box of event.target.form.querySelectorAll(`input[name="${name}"]`)) box.checked = event.target.checked;
});

const replacesMain = (event) => event.detail.ctx?.target?.id === "main";

// Buttons that do the same to other things, such as Add in each row.
const alike = ({ name, value }) =>
  [...document.querySelectorAll(`#page button[name="${name}"]:not([aria-hidden])`)].filter(
    (button) => button.value.split(":")[0] === value.split(":")[0],
  );

// What was pressed last: the button, its place among those alike, the ids of what it was in, and its page's path.
let pressed = {};
document.addEventListener("submit", ({ target, submitter }) => {
  if (!target.matches("#page") || !submitter) return;
  const { name, value } = submitter;
  const within = [];
  for (let at = submitter.parentElement.closest("[id]"); at && at !== target; at = at.parentElement.closest("[id]")) within.push(at.id);
  pressed = { name, value, place: alike(submitter).indexOf(submitter), within, path: location.pathname };
}, true);

// One goes back from tab to tab, not through what was done on each.
document.addEventListener("htmx:before:history:update", ({ detail: { history } }) => {
  if (history.path.split(/[?#]/)[0] === location.pathname) history.type = "replace";
});

// While the site does not answer, the page stays as it is and says so on top: a page of the browser's own would take
// what was typed with it.
const own = document.currentScript.src;
const answers = () => fetch(own, { cache: "no-store" }).then(({ ok }) => ok, () => false);
async function answering() {
  while (!(await answers())) {
    const told = document.getElementById("waiting");
    if (told?.hidden) {
      told.hidden = false;
      told.scrollIntoView();
    }
    await new Promise((done) => setTimeout(done, 500));
  }
}

// An answer that was lost, or is no page of ours: once the site answers, the form is sent as it is without JavaScript,
// with what stands in it by then, and what was pressed last.
let lost = null;
async function load(request) {
  const first = !lost;
  lost = request;
  if (!first) return;
  await answering();
  const { form, submitter } = lost;
  if (!form?.isConnected) return location.reload();
  const { name, value } = submitter ?? { name: "act", value: "" };
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  form.submit();
}
document.addEventListener("htmx:before:swap", (event) => {
  if (!replacesMain(event) || event.detail.tasks[0]?.fragment.querySelector("#main")) return;
  event.preventDefault();
  load(event.detail.ctx.request);
});
// Some browsers take an answer for lost because one goes to another page meanwhile.
let left = -Infinity;
addEventListener("beforeunload", () => { left = performance.now(); });
document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  const progress = ctx?.sourceElement?.id === "progress"; // its stream goes on by itself once it has begun
  if ((replacesMain(event) || progress) && performance.now() - left > 3000) load(ctx.request);
});

// Where a page of its own would have begun: at what the address names, at the errors, on top of another tab. On the
// same tab one stays where one was. A form that was refused leaves the address as it was.
document.addEventListener("htmx:after:swap", (event) => {
  if (!replacesMain(event)) return;
  const leads = location.hash && event.detail.ctx.response?.status < 400;
  const named = leads && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!named && document.querySelector("#main [autofocus]")) return;
  const other = location.pathname !== pressed.path;
  if (!named && !other && document.activeElement.closest("#main")) return; // a field in which Enter was pressed
  const to = named || (!other && again()) || document.querySelector("#main h1");
  if (to.tabIndex < 0) to.tabIndex = -1; // so that it can have the focus, though not by the Tab key
  to.focus({ preventScroll: true });
  if (named) named.scrollIntoView();
  else if (other) scrollTo(0, 0);
});

// The button that was pressed; its neighbour, when it went with its row; or what is left of that in which it was.
function again() {
  if (!pressed.name) return null;
  const there = alike(pressed);
  const same = there.filter((button) => button.value === pressed.value);
  const beside = there[pressed.place] ?? there.at(-1);
  return same.length === 1 ? same[0] : beside ?? pressed.within.map((id) => document.getElementById(id)).find(Boolean);
}
