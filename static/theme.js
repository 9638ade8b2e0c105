// Light or dark: the system's choice, unless this browser was told otherwise.
(() => {
  const NAMES = { auto: "跟随系统", light: "浅色", dark: "深色" };
  const NEXT = { auto: "light", light: "dark", dark: "auto" };
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      const stored = localStorage.getItem("theme");
      return stored in NAMES ? stored : "auto";
    } catch {
      return "auto"; // storage may be forbidden; the page still follows the system
    }
  }

  function remember(choice) {
    try {
      localStorage.setItem("theme", choice);
    } catch {
      // as above
    }
  }

  function apply(choice) {
    const dark = choice === "dark" || (choice === "auto" && system.matches);
    document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
  }

  function name(button, choice) {
    button.textContent = `主题：${NAMES[choice]}`;
    button.hidden = false;
  }

  apply(chosen());
  system.addEventListener("change", () => apply(chosen()));
  window.addEventListener("storage", () => apply(chosen()));
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-switch]");
    if (!button) return;
    name(button, chosen());
    button.addEventListener("click", () => {
      const choice = NEXT[chosen()];
      remember(choice);
      apply(choice);
      name(button, choice);
    });
  });
})();
