// Tells that the form is shown, once somebody can see it: no preview of a link and no page opened in advance does.
const form = document.querySelector("form");

function tell() {
  if (document.visibilityState !== "visible") return;
  document.removeEventListener("visibilitychange", tell);
  const fields = new URLSearchParams();
  for (const name of ["version", "visit"]) if (form.elements[name]) fields.set(name, form.elements[name].value);
  navigator.sendBeacon(`${form.getAttribute("action")}/seen`, fields);
}

document.addEventListener("visibilitychange", tell);
tell();
// Whoever sends a form with mistakes comes back to them.
document.querySelector(".wrong a")?.focus();
// Twice is once.
form.addEventListener("submit", () => setTimeout(() => (form.querySelector("button").disabled = true)));
