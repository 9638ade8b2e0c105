// A list of results: the first is chosen, ↑ and ↓ move by a line and stay in their column, Enter
// opens; with none, one types again.

const first = document.querySelector("[data-list] a");
const rows = [...document.querySelectorAll("[data-list] > tr")];

function move(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const cell = document.activeElement.closest("[data-list] > tr > *");
  if (!step || !cell) return;
  event.preventDefault();
  const next = rows[rows.indexOf(cell.parentElement) + step];
  const goal = next?.cells[cell.cellIndex].querySelector("a, button") ?? next?.querySelector("a");
  goal?.focus();
}

document.addEventListener("keydown", move);

const search = document.querySelector("[data-search][autofocus]") ?? document.querySelector("[data-search]");
if (first) first.focus({ focusVisible: true });
else {
  search?.focus();
  search?.select();
}
