// Keeps an import going: asks for the next step again when the connection or the server fails.

const WAIT = 2000;

const progress = document.querySelector("[data-import-progress]");
const lost = document.querySelector("[data-import-lost]");

function again() {
  lost.hidden = false;
  setTimeout(() => progress.querySelector("form")?.dispatchEvent(new Event("retry")), WAIT);
}

function hideButton() {
  // Steps follow each other by themselves: the button is for browsers without scripts.
  progress.querySelector("[data-import-next]")?.setAttribute("hidden", "");
}

progress?.addEventListener("htmx:sendError", again);
progress?.addEventListener("htmx:timeout", again);

progress?.addEventListener("htmx:responseError", (event) => {
  // No longer logged in, or a colleague ended it: the page itself says what is the matter.
  if (event.detail.xhr.status < 500) window.location.reload();
  else again();
});

progress?.addEventListener("htmx:beforeSwap", (event) => {
  if (new URL(event.detail.xhr.responseURL).pathname === event.detail.pathInfo.requestPath) return;
  event.detail.shouldSwap = false;
  window.location.reload();
});

progress?.addEventListener("htmx:afterSwap", () => {
  lost.hidden = true;
  hideButton();
});

if (progress) hideButton();
