// The keys of a page. `/` or F3 goes to the search box, an element with data-key="F4" reacts to
// F4 and shows it, `?` or F1 lists them all. While one types in a field only function keys act,
// and those with Ctrl; while a dialog is open only the keys in it. A key means the same on every
// page.

const FUNCTION_KEY = /^F\d{1,2}$/;
const TYPING = "input:not([type=checkbox], [type=radio], [type=submit]), textarea, select";

const search = document.querySelector("[data-search]");

/** The name of the key that was pressed; by its position where an input method hides the sign. */
function nameOf(event) {
  if (event.key === "F1") return "?";
  if (event.key === "?" || event.key === "/") return event.key;
  if (event.code === "Slash") return event.shiftKey ? "?" : "/";
  if (event.key === "Escape") return "Esc";
  const modifier = event.ctrlKey ? "Ctrl+" : "";
  return modifier + (event.code.startsWith("Key") ? event.code.slice(3) : event.key);
}

/** What an element with a key is called. */
function labelOf(element) {
  if (element.dataset.keyLabel) return element.dataset.keyLabel;
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd").forEach((kbd) => kbd.remove());
  return copy.textContent.trim().replace(/\s+/g, " ");
}

function openDialog() {
  return document.querySelector("dialog[open]");
}

function visible() {
  const within = openDialog() ?? document;
  return [...within.querySelectorAll("[data-key]")].filter((element) => element.checkVisibility());
}

function focusSearch() {
  search.focus();
  search.select();
}

function act(key) {
  if (search && (key === "/" || key === "F3")) return focusSearch();
  if (key === "?") return showSheet();
  visible()
    .find((element) => element.dataset.key === key)
    ?.click();
}

function known(key) {
  const ofEveryPage = key === "?" || (search && (key === "/" || key === "F3"));
  if (ofEveryPage) return !openDialog();
  return visible().some((element) => element.dataset.key === key);
}

function row(key, label) {
  const line = document.createElement("div");
  const term = document.createElement("dt");
  const kbd = document.createElement("kbd");
  const description = document.createElement("dd");
  kbd.textContent = key;
  description.textContent = label;
  term.append(kbd);
  line.append(term, description);
  return line;
}

/** Keys of a list and of a form that Enter walks through. */
function ways(list) {
  if (document.querySelector("[data-list] a")) list.append(row("↑ ↓", "选择一行"), row("Enter", "打开"));
  if (!document.querySelector("[data-enter-walks]")) return;
  list.append(row("Enter", "下一项"), row("1、2", "选第一、第二个答案；1 勾选"));
}

/** The keys that work now, each once: the first element that has it is the one that reacts. */
function sheet() {
  const list = document.createElement("dl");
  const named = new Map();
  visible().forEach((element) => {
    if (!named.has(element.dataset.key)) named.set(element.dataset.key, labelOf(element));
  });
  list.className = "keys-list";
  if (search) list.append(row("/ 或 F3", "查找病人"));
  named.forEach((label, key) => list.append(row(key, label)));
  ways(list);
  list.append(row("? 或 F1", "按键说明；正在填写时按 F1"), row("Esc", "关闭弹窗、提示"));
  return list;
}

function showSheet() {
  const dialog = document.createElement("dialog");
  const title = document.createElement("h2");
  const form = document.createElement("form");
  const close = document.createElement("button");
  title.textContent = "本页按键";
  title.id = "keys-title";
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.className = "dialog";
  form.method = "dialog";
  close.className = "btn btn-outline-secondary";
  close.textContent = "关闭";
  form.append(close);
  dialog.append(title, sheet(), form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** Shows the key on its button, also on those that come later: pieces of a page are fetched. */
function mark(element) {
  if (element.hasAttribute("aria-keyshortcuts")) return;
  const key = element.dataset.key;
  const kbd = document.createElement("kbd");
  kbd.textContent = key;
  kbd.ariaHidden = "true";
  element.append(" ", kbd);
  element.setAttribute("aria-keyshortcuts", key.replace("Ctrl", "Control").replace("Esc", "Escape"));
}

function markAll() {
  document.querySelectorAll("[data-key]").forEach(mark);
}

markAll();
new MutationObserver(markAll).observe(document.body, { childList: true, subtree: true });

const opener = document.querySelector("[data-keys-sheet]");
if (opener) {
  opener.hidden = false;
  opener.addEventListener("click", showSheet);
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.metaKey || event.repeat) return;
  if (event.defaultPrevented) return;
  const key = nameOf(event);
  const typing = event.target.matches?.(TYPING);
  if (typing && !FUNCTION_KEY.test(event.key) && key !== "Ctrl+Enter") return;
  if (!known(key)) return;
  event.preventDefault();
  act(key);
});
