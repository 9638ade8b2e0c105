// Takes people to what is wrong with a form, and sends a form once however often one clicks.

const field = document.querySelector("[aria-invalid=true], [data-form-error] ~ form [type=password]");
const first = document.querySelector("[data-form-error]") ?? document.querySelector("[autofocus]");
// The browser itself minds autofocus only when it paints: what one types at once would be lost.
(field ?? first)?.focus();

const sent = new WeakSet();

document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (sent.has(event.target)) event.preventDefault();
  sent.add(event.target);
});

// Coming back by the browser's button shows the page as it was left: sent.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
