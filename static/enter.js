// Enter goes to the next field of a form with data-enter-walks, and from the last one sends it.

const FIELDS = "input:not([type=hidden]), select, textarea";

function reachable(form) {
  const fields = [...form.querySelectorAll(FIELDS)];
  return fields.filter((field) => !field.disabled && field.checkVisibility());
}

/** The first field after this one that is no other answer to the same question. */
function after(field, fields) {
  const rest = fields.slice(fields.indexOf(field) + 1);
  const next = rest.find((other) => other.name !== field.name);
  if (next?.type !== "radio") return next;
  return fields.find((other) => other.name === next.name && other.checked) ?? next;
}

function walk(event) {
  const field = event.target;
  if (event.key !== "Enter" || event.isComposing || event.ctrlKey || !field.matches(FIELDS)) return;
  event.preventDefault();
  if (event.repeat) return;
  const next = after(field, reachable(field.form));
  if (!next) return field.form.requestSubmit();
  next.focus();
  next.select?.();
}

document.querySelectorAll("[data-enter-walks]").forEach((form) => {
  form.addEventListener("keydown", walk);
});
