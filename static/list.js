// A list of results: the first is chosen, ↑ and ↓ move, Enter opens; with none, one types again.

const links = [...document.querySelectorAll("[data-list] a")];

function move(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const at = links.indexOf(document.activeElement);
  if (!step || at < 0) return;
  event.preventDefault();
  links[Math.min(Math.max(at + step, 0), links.length - 1)].focus();
}

document.addEventListener("keydown", move);

const search = document.querySelector("[data-search]");
if (links.length) links[0].focus({ focusVisible: true });
else {
  search?.focus();
  search?.select();
}
