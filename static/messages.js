// Messages float beside the work. What went well goes by itself, unless somebody is reading it;
// what went wrong stays until it is closed, by its button or Esc.

const STAYS = 8000; // milliseconds

function closer(message) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm btn-quiet";
  button.textContent = "关闭";
  button.addEventListener("click", () => message.remove());
  return button;
}

function read(message) {
  return message.matches(":hover, :focus-within");
}

function leave(message) {
  if (read(message)) setTimeout(() => leave(message), STAYS);
  else message.remove();
}

document.querySelectorAll("[data-messages]").forEach((list) => {
  list.classList.add("messages-floating");
  [...list.children].forEach((message) => {
    message.append(closer(message));
    if ("goes" in message.dataset) setTimeout(() => leave(message), STAYS);
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  document.querySelector("[data-messages] > :last-child")?.remove();
});
