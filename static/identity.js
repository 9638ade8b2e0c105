// A resident ID that was typed whole fills birth date and sex; a child opens the guardian's fields;
// what was typed so far is compared with the files that are there.

const RESIDENT_ID = /^\d{17}[\dX]$/;
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_DIGITS = "10X98765432";
const ADULT_AGE = 18;

function ageOf(written) {
  const digits = written.normalize("NFKC").replace(/\D/g, "");
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8)].map(Number);
  const now = new Date();
  const early = now.getMonth() + 1 < month || (now.getMonth() + 1 === month && now.getDate() < day);
  return digits.length === 8 ? now.getFullYear() - year - (early ? 1 : 0) : null;
}

/** Whether a number is whole and its check digit is right: a mistyped one must fill nothing. */
function isResidentId(number) {
  if (!RESIDENT_ID.test(number)) return false;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(number[at]), 0);
  return CHECK_DIGITS[sum % 11] === number[17];
}

function fill(form) {
  const number = form.elements.id_number.value.normalize("NFKC").trim().toUpperCase();
  if (form.elements.document_type.value !== "resident_id" || !isResidentId(number)) return;
  const birthDate = form.elements.birth_date;
  if (!birthDate.value) {
    birthDate.value = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  }
  if (!form.elements.sex.value) form.elements.sex.value = number[16] % 2 ? "male" : "female";
}

function follow(form) {
  const guardian = form.querySelector("[data-guardian]");
  const age = ageOf(form.elements.birth_date.value);
  if (guardian && age !== null && age < ADULT_AGE) guardian.open = true;
}

/** What files are compared by; a number that isn't whole yet fits none. */
function typedSoFar(form) {
  const parts = ["name", "birth_date", "phone", "document_type", "id_number"];
  return parts.map((part) => form.elements[part].value.trim()).join("\n");
}

function compare(form) {
  const alike = form.querySelector("[data-alike]");
  let before = typedSoFar(form);
  let timer;
  // Logged out meanwhile: the log-in page has no place inside a form.
  alike?.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { pathname } = new URL(detail.xhr.responseURL);
    if (pathname !== detail.pathInfo.requestPath) detail.shouldSwap = false;
  });
  return () => {
    const typed = typedSoFar(form);
    if (!alike || typed === before) return;
    before = typed;
    clearTimeout(timer);
    timer = setTimeout(() => alike.dispatchEvent(new Event("alike")), 300);
  };
}

document.querySelectorAll("[data-identity]").forEach((form) => {
  const compareFiles = compare(form);
  form.addEventListener("input", () => {
    fill(form);
    follow(form);
    compareFiles();
  });
  follow(form);
});
