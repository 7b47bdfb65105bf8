// What was typed on a page and the draft does not have yet, for whoever comes back to it: noted in the tab's own session
// storage, without PINs and passwords, and gone once the draft has it. A page may be left before there is an answer, the
// session may have ended, or the draft may be another one by then.

const NOTED = "typed ";
const noted = (form) => `${NOTED}${form.getAttribute("action")} ${form.elements.service?.value ?? ""}`;
const forget = (form) => sessionStorage.removeItem(noted(form));

function fields(form) {
  const data = new FormData(form);
  for (const name of ["csrf", "version"]) data.delete(name);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return data;
}

function note(form) {
  const { by, version } = form.elements;
  const data = fields(form);
  const secrets = [...form.querySelectorAll("[type=password]")];
  for (const { name } of secrets) data.delete(name);
  const left = {
    by: by.value,
    version: version.value,
    typed: new URLSearchParams(data).toString(),
    at: form.getAttribute("action"),
    page: location.pathname + location.search,
    hadPin: secrets.some(({ value }) => value),
  };
  try {
    sessionStorage.setItem(noted(form), JSON.stringify(left));
  } catch {} // there is no room
}

// The fields as they were typed; those that nobody sees are the page's own.
function fill(form, typed) {
  const values = new URLSearchParams(typed);
  for (const field of form.querySelectorAll("input:not([type=hidden], [type=password], [type=file]), select, textarea")) {
    const all = values.getAll(field.name);
    if (["checkbox", "radio"].includes(field.type)) field.checked = all.includes(field.value);
    else if (all.length && (field.type !== "select-one" || [...field.options].some(({ value }) => value === all[0]))) field.value = all[0];
  }
}

const tell = (what) => { document.getElementById(`left-${what}`).hidden = false; };

// On a page of the draft: the same is sent once more, which is accepted from any version if the draft has it already. What
// it does not have, as it was changed meanwhile, is told, and nothing of it is kept by itself.
async function bring(form, key) {
  const left = JSON.parse(sessionStorage.getItem(key));
  const isHere = key === noted(form);
  const isNext = isHere && left.version === form.elements.version.value;
  if (isNext) fill(form, left.typed);
  const shown = typed();
  const answer = await (isNext ? keep(left.typed) : keep(left.typed, left));
  if (answer === "yes") {
    sessionStorage.removeItem(key);
    if (isNext) kept = shown;
    // Its version is another one by that, if it was drawn before.
    else if (!isHere && !isDirty() && (await keep(shown)) === "no") location.reload();
  } else if (answer === "no" && isHere) {
    fill(form, left.typed);
    delete form.dataset.keeps;
    tell("stale");
  } else if (answer === "cut" && isHere) {
    fill(form, left.typed);
    tell("cut");
  } else if (answer === "no") {
    tell("elsewhere");
    document.querySelector("#left-elsewhere a").href = left.page;
  }
  if (left.hadPin && (isNext || (isHere && answer === "no"))) tell("pin");
}

async function recall(form, isRefused) {
  if (isRefused) forget(form); // it stands in the fields
  for (const key of Object.keys(sessionStorage).filter((one) => one.startsWith(NOTED))) {
    const { by, at } = JSON.parse(sessionStorage.getItem(key));
    if (by !== form.elements.by.value) sessionStorage.removeItem(key);
    else if (at.startsWith(`/wizard/${form.dataset.keeps}/`)) await bring(form, key);
  }
}

// What is pressed says itself what became of it, but to whoever is not signed in any more, or is so anew.
document.addEventListener("htmx:before:response", (event) => {
  const { sourceElement: form, response, hx } = event.detail.ctx;
  if (!form?.matches("#page")) return;
  const isNew = response.status === 403;
  if (isNew || hx.redirect?.startsWith("/sign-in")) note(form);
  else forget(form);
  if (!isNew) return;
  event.preventDefault();
  location.reload();
});
document.addEventListener("click", ({ target }) => {
  if (target.id !== "drop") return;
  forget(document.getElementById("page"));
  location.reload();
});
