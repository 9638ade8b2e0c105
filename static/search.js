// Search boxes show who fits while one types. ↑ ↓ choose, Enter opens, Esc closes; without a choice
// Enter searches as it does without scripts.

const WAIT = 120;

class SearchBox {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("[data-search]");
    this.hits = form.querySelector("[data-search-hits]");
    this.said = form.querySelector("[data-search-said]");
    this.chosen = -1;
    this.listen();
  }

  listen() {
    // While an input method composes, what stands in the box is not what one means.
    this.input.addEventListener("input", (event) => event.isComposing || this.ask());
    this.input.addEventListener("compositionend", () => this.ask());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("focus", () => this.options.length && this.open());
    this.form.addEventListener("focusout", (event) => {
      if (!this.form.contains(event.relatedTarget)) this.close();
    });
    this.form.addEventListener("submit", () => this.forget());
    // A press must not take the focus from the box: the list would be gone before the click.
    this.hits.addEventListener("mousedown", (event) => event.preventDefault());
    this.hits.addEventListener("click", (event) => this.act(event.target.closest("[role=option]")));
  }

  get options() {
    return [...this.hits.querySelectorAll("[role=option]")];
  }

  ask() {
    this.forget();
    if (!this.input.value.trim()) return this.show("");
    this.timer = setTimeout(() => this.fetch(), WAIT);
  }

  /** No answer that is still under way will be shown. */
  forget() {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  async fetch() {
    this.asking = new AbortController();
    const { signal } = this.asking;
    try {
      const body = new FormData(this.form);
      const answer = await fetch(this.form.dataset.live, { method: "POST", body, signal });
      // Logged out, or something failed: Enter goes to a page that says what is the matter.
      if (answer.ok && !answer.redirected) this.show(await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") this.close();
    }
  }

  show(content) {
    this.hits.innerHTML = content;
    this.chosen = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.options.forEach((option, at) => (option.id = `${this.input.id}-hit-${at}`));
    this.said.textContent = this.hits.querySelector("[data-said]")?.dataset.said ?? "";
    if (content && document.activeElement === this.input) this.open();
    else this.close();
  }

  open() {
    this.hits.hidden = false;
    this.input.ariaExpanded = "true";
  }

  close() {
    this.hits.hidden = true;
    this.input.ariaExpanded = "false";
    this.choose(-1);
  }

  press(event) {
    if (event.isComposing || event.ctrlKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.options.length) {
      this.open();
      this.choose(Math.min(Math.max(this.chosen + step, -1), this.options.length - 1));
    } else if (event.key === "Enter" && this.chosen >= 0) this.act(this.options[this.chosen]);
    else if (event.key === "Escape" && !this.hits.hidden) this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  choose(at) {
    this.chosen = at;
    this.options.forEach((option, place) => (option.ariaSelected = String(place === at)));
    const option = this.options[at];
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  act(option) {
    if (option?.dataset.href) window.location.assign(option.dataset.href);
    if (option && "new" in option.dataset) this.openNew();
  }

  /** A new file with what was typed; by a form, so that it stands in no address. */
  openNew() {
    const form = document.querySelector(`[data-search-new="${this.input.id}"]`);
    form.elements.typed.value = this.input.value;
    form.requestSubmit();
  }
}

document.querySelectorAll("[data-search-form]").forEach((form) => new SearchBox(form));
