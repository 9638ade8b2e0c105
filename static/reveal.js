// Numbers in full, for half a minute: in a list they stand where the dots were, a page of its own
// counts down. Without scripts the page goes back by itself.

const SHOWN_FOR = 30_000;

/** Lets the number stand in place of its dots and puts these back. */
function show(place, html) {
  const before = [...place.childNodes];
  const shown = document.createElement("span");
  shown.setAttribute("role", "status");
  shown.tabIndex = -1;
  shown.innerHTML = html;
  place.replaceChildren(shown);
  shown.focus();
  setTimeout(() => {
    const held = place.contains(document.activeElement);
    place.replaceChildren(...before);
    if (held) place.querySelector("button")?.focus();
  }, SHOWN_FOR);
}

async function ask(event) {
  const form = event.target.closest("form[data-reveal-now]");
  const place = form?.closest("[data-masked]");
  if (!place) return;
  event.preventDefault();
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { "X-In-Place": "1" },
    redirect: "error",
  }).catch(() => null);
  const text = answer?.ok ? await answer.text() : "";
  // Refused, or no longer logged in: the page itself says what is the matter.
  if (text.includes("masked-open") && !text.includes("<html")) show(place, text);
  else form.submit();
}

/** Goes back when the time is up, also where the browser has put off the page's own refresh. */
function countDown(panel) {
  const until = Date.now() + Number(panel.dataset.revealed) * 1000;
  const seconds = panel.querySelector("[data-seconds]");
  setInterval(() => {
    const left = Math.ceil((until - Date.now()) / 1000);
    seconds.textContent = Math.max(left, 0);
    if (left > 0) return;
    panel.querySelector("dl")?.remove();
    window.location.replace(panel.dataset.back);
  }, 500);
}

document.addEventListener("submit", ask);
document.querySelectorAll("[data-revealed]").forEach(countDown);
