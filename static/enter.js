// Enter goes to the next field of a form with data-enter-walks, and from the last one sends it.
// A question with a few answers is answered by 1, 2 …, and that goes on, too; 1 ticks a box.

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

function goOn(field) {
  const next = after(field, reachable(field.form));
  next?.focus();
  next?.select?.();
  return next;
}

/** The answer that a digit stands for; undefined where digits are typed. */
function answerFor(field, code) {
  const digit = Number(/^(?:Digit|Numpad)([1-9])$/.exec(code)?.[1]);
  if (field.type === "checkbox") return digit === 1 ? field : undefined;
  if (field.type !== "radio" || !digit) return undefined;
  return reachable(field.form).filter((other) => other.name === field.name)[digit - 1];
}

function answer(event, chosen) {
  event.preventDefault();
  if (event.repeat) return;
  if (!chosen.checked) {
    chosen.checked = true;
    chosen.dispatchEvent(new Event("input", { bubbles: true }));
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
  }
  if (!goOn(chosen)) chosen.focus();
}

function walk(event) {
  const field = event.target;
  if (event.isComposing || event.ctrlKey || event.altKey || !field.matches(FIELDS)) return;
  const chosen = answerFor(field, event.code);
  if (chosen) return answer(event, chosen);
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (!event.repeat && !goOn(field)) field.form.requestSubmit();
}

document.querySelectorAll("[data-enter-walks]").forEach((form) => {
  form.addEventListener("keydown", walk);
});
