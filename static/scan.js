// A scanner types like a keyboard, only faster, and ends with Enter. Wherever the focus is, what it
// reads is searched for; a field that waits for a scan (data-scan) keeps it. Keys are told by their
// place: with a Chinese input method on, the signs themselves are swallowed.

const GAP = 50; // milliseconds between the keys of a scanner, at most
const SHORTEST = 6;
const LOST = "本页填写的内容还没有保存，离开就没有了。确定离开，去查刚扫的卡吗？";

const PLACES = { Minus: "-", NumpadSubtract: "-", Slash: "/", Period: ".", NumpadDecimal: "." };

let signs = "";
let last = 0;
let before = null;

function signOf({ code, key, shiftKey }) {
  if (/^(Digit|Numpad)\d$/.test(code)) return shiftKey ? "" : code.at(-1);
  if (!/^Key[A-Z]$/.test(code)) return PLACES[code] ?? "";
  // The key knows about Caps Lock; under an input method it says nothing of the letter.
  if (key.toUpperCase() === code.at(-1)) return key;
  return shiftKey ? code.at(-1) : code.at(-1).toLowerCase();
}

function isShift({ code }) {
  return code === "ShiftLeft" || code === "ShiftRight";
}

/** ISO 7064 MOD 11,10: the last digit follows from the others. */
function isChecked(digits) {
  let carry = 10;
  for (const digit of digits.slice(0, -1)) {
    carry = (carry + Number(digit)) % 10 || 10;
    carry = (carry * 2) % 11;
  }
  return (11 - carry) % 10 === Number(digits.at(-1));
}

function isOurs(scanned) {
  return /^([78]\d{11}|\d{9})$/.test(scanned) && isChecked(scanned);
}

function isField(element) {
  return element?.matches?.("input:not([type=checkbox], [type=radio]), textarea, select") ?? false;
}

/** The field that a scan would go into, and what it holds before. */
function remember() {
  const field = document.activeElement;
  before = isField(field) ? { field, value: field.value } : null;
}

function restore({ field, value }) {
  field.blur(); // ends what an input method was composing
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function searchBox() {
  // A page with a box of its own, such as the till, searches with that one.
  return [...document.querySelectorAll("[data-search]")].at(-1);
}

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.matches("select")) return [...field.options].some((one) => one.selected !== one.defaultSelected);
  return field.value !== field.defaultValue;
}

/** Whether a form holds what would be lost: typed since it came, or refused and not yet put right. */
function unsaved() {
  const fields = document.querySelectorAll("form[method=post] :is(input:not([type=hidden]), select, textarea)");
  return [...fields].some(
    (field) => !("search" in field.dataset) && (field.ariaInvalid === "true" || isChanged(field)),
  );
}

function search(scanned) {
  const box = searchBox();
  if (before && before.field !== box) restore(before);
  // What an input method still commits comes first.
  setTimeout(() => {
    if (unsaved() && !window.confirm(LOST)) return;
    box.value = scanned;
    box.form.requestSubmit();
  });
}

/** A field that waits for a scan gets it whole, also past an input method. */
function keep(scanned) {
  if (before.field.value.endsWith(scanned)) return;
  before.field.value = scanned;
  before.field.dispatchEvent(new Event("input", { bubbles: true }));
}

function finish(event) {
  const scanned = signs;
  signs = "";
  if (scanned.length < SHORTEST || event.timeStamp - last > GAP || !searchBox()) return;
  const field = before?.field;
  if (field && "scan" in field.dataset) return keep(scanned);
  if (field && !("search" in field.dataset) && !isOurs(scanned)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  search(scanned);
}

function hear(event) {
  if (isShift(event)) return;
  if (event.code === "Enter" || event.code === "NumpadEnter") return finish(event);
  const sign = event.repeat || event.ctrlKey || event.altKey || event.metaKey ? "" : signOf(event);
  if (!signs || event.timeStamp - last > GAP) {
    signs = "";
    remember();
  }
  signs = sign && signs + sign;
  last = event.timeStamp;
}

window.addEventListener("keydown", hear, { capture: true });
