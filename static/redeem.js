// What a redemption comes to while it is put together, and teeth chosen by mouse or arrow keys.

const SHOWN = { card: "card_number", document: "document_shown" };

function grouped(points) {
  return points.toLocaleString("zh-CN");
}

function tell(form) {
  const quantity = Number(form.elements.quantity.value) || 0;
  const total = quantity * Number(form.dataset.redeem);
  const left = Number(form.dataset.redeemAvailable) - total;
  const leaves = form.querySelector("[data-redeem-left]");
  form.querySelector("[data-redeem-total]").textContent = grouped(total);
  leaves.textContent = grouped(Math.abs(left));
  form.querySelector("[data-redeem-left-said]").textContent = left < 0 ? "还差" : "兑换后余";
  leaves.closest(".redeem-sum-part").classList.toggle("text-danger", left < 0);
}

/** As many pieces as teeth; without teeth the number is free again. */
function count(form) {
  const chosen = form.querySelectorAll("[name=teeth]:checked").length;
  if (chosen) form.elements.quantity.value = chosen;
}

function showProof(form) {
  for (const [shown, name] of Object.entries(SHOWN)) {
    const field = form.elements[name]?.closest(".field");
    if (field) field.hidden = form.elements.shown.value !== shown;
  }
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** Arrow keys go over the chart row by row; the place is kept as well as rows of other length let. */
function walk(event, chart) {
  const step = STEPS[event.key];
  if (!step || !event.target.matches("[name=teeth]")) return;
  event.preventDefault();
  const rows = [...chart.querySelectorAll("[data-teeth-row]")].map((row) => [
    ...row.querySelectorAll("[name=teeth]"),
  ]);
  const at = rows.findIndex((row) => row.includes(event.target));
  const row = rows[at + step[0]] ?? rows[at];
  const off = rows[at].indexOf(event.target) - rows[at].length / 2;
  const place = Math.round(off + row.length / 2) + step[1];
  const next = row[Math.max(0, Math.min(row.length - 1, place))];
  rest(chart, next);
  next.focus();
}

/** One tooth alone is on the way of the Tab key. */
function rest(chart, on) {
  chart.querySelectorAll("[name=teeth]").forEach((tooth) => {
    tooth.tabIndex = tooth === on ? 0 : -1;
  });
}

document.querySelectorAll("[data-redeem]").forEach((form) => {
  const chart = form.querySelector("[data-teeth]");
  if (chart) {
    rest(chart, chart.querySelector("[name=teeth]:checked") ?? chart.querySelector("[name=teeth]"));
    chart.addEventListener("keydown", (event) => walk(event, chart));
  }
  form.addEventListener("input", (event) => {
    if (event.target.name === "teeth") count(form);
    if (event.target.name === "shown") showProof(form);
    tell(form);
  });
  showProof(form);
  tell(form);
});
