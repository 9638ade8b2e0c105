// Takes people to what is wrong with a form, and sends a form once however often one clicks.
// Going back or loading a page again never sends anything a second time.

const field = document.querySelector("[aria-invalid=true], [data-form-error] ~ form [type=password]");
const first = document.querySelector("[data-form-error]") ?? document.querySelector("[autofocus]");
// The browser itself minds autofocus only when it paints: what one types at once would be lost.
(field ?? first)?.focus();
// What stands there already is gone on with, not typed into its beginning.
if (!field && first?.matches("input[type=text]")) first.setSelectionRange(first.value.length, first.value.length);

// The browser would ask to send an answered form again, in words of its own.
history.replaceState(history.state, "");

const sent = new WeakSet();

document.addEventListener("submit", (event) => {
  // A file comes and the page stays: it may be asked for again.
  if (event.target.method !== "post" || "download" in event.target.dataset) return;
  if (sent.has(event.target)) event.preventDefault();
  sent.add(event.target);
});

// Coming back by the browser's button shows the page as it was left: sent.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
