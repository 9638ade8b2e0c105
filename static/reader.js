// The text of an ID-card reader fills the form: typed into the box for it, or pasted anywhere.

import { read } from "./reader_text.js";

const PAUSE = 250; // milliseconds after which what a reader said is looked at
const ALL = 350; // milliseconds more after which it has said all
const UNSURE = 1500; // the same while the document's number has not come yet
const FAST = 60; // milliseconds between two keys of a reader, at most

const SAID = { name: "姓名", sex: "性别", birth_date: "出生日期", id_number: "证件号", address: "住址" };

function set(form, name, value) {
  const field = form.elements[name];
  field.value = value;
  const changed = field instanceof RadioNodeList ? [...field].find((one) => one.checked) : field;
  changed?.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Where one goes on: the first question that is not answered yet. */
function goOn(form) {
  const fields = [...form.querySelectorAll("input:not([type=hidden]), select, textarea:not([data-reader])")];
  const open = fields.find((field) => {
    if (!field.checkVisibility()) return false;
    if (field.type === "radio") return !form.elements[field.name].value;
    if (field.type === "checkbox") return !field.checked;
    const kept = /^•|……$/.test(field.placeholder ?? ""); // a list of choices has no placeholder
    return !field.value && !kept;
  });
  open?.focus();
}

function tell(form, text) {
  const status = form.querySelector("[data-reader-said]");
  if (status) status.textContent = text;
}

function fill(form, person) {
  const kind = form.elements.document_type;
  if (person.id_number && kind) kind.value = "resident_id";
  form.dataset.wasName ??= form.elements.name.value.trim();
  const parts = Object.keys(SAID).filter((part) => person[part] && form.elements[part]);
  parts.forEach((part) => set(form, part, person[part]));
  const filled = `已填入${parts.map((part) => SAID[part]).join("、")}，请核对。`;
  const before = form.dataset.wasName;
  const other = before && person.name && before !== person.name;
  const names = `证件姓名是“${person.name}”，原来填写的是“${before}”，请核对是不是同一人。`;
  const moved = "住址已换成证件上的；现住址没有变的，请清空住址。";
  const kept = person.address && form.elements.address?.placeholder.endsWith("……");
  tell(form, (other ? names : "") + filled + (kept ? moved : ""));
}

class ReaderBox {
  constructor(box) {
    this.box = box;
    this.form = box.form;
    this.last = -Infinity;
    const piece = box.closest("[data-reader-piece]");
    piece.hidden = false;
    box.addEventListener("keydown", (event) => this.press(event), { capture: true });
    box.addEventListener("input", () => this.wait());
    if (!this.form.querySelector("[aria-invalid=true]") && "readerFirst" in piece.dataset) box.focus();
  }

  /** A reader's Tab and Enter part its values; a person's go on to the first field. */
  press(event) {
    const fast = event.timeStamp - this.last < FAST;
    this.last = event.timeStamp;
    if (event.key === "Tab" && fast && this.box.value) {
      event.preventDefault();
      this.box.setRangeText("\t", this.box.selectionStart, this.box.selectionEnd, "end");
      this.wait();
    }
    if (event.key !== "Enter" || event.ctrlKey || !this.box.value.trim()) return;
    event.stopPropagation();
    this.wait();
  }

  wait() {
    this.after(PAUSE, () => this.take());
  }

  after(milliseconds, act) {
    clearTimeout(this.timer);
    this.timer = setTimeout(act, milliseconds);
  }

  /** What comes after a pause still comes into the box: the whole text is looked at again. */
  take() {
    const person = read(this.box.value);
    if (person?.id_number) {
      fill(this.form, person);
      this.after(ALL, () => this.finish());
    } else if (this.box.value.trim()) this.after(UNSURE, () => this.settle(person));
  }

  settle(person) {
    if (!person) return tell(this.form, "没有认出身份证内容，请再刷一次，或直接填写。");
    fill(this.form, person);
    this.finish();
  }

  finish() {
    this.box.value = "";
    goOn(this.form);
  }
}

function paste(event) {
  const form = event.currentTarget;
  if (event.target.matches("[data-reader]")) return;
  const person = read(event.clipboardData.getData("text"));
  // A number alone is pasted into the field where one is.
  if (!person?.name || !person.id_number) return;
  event.preventDefault();
  fill(form, person);
  goOn(form);
}

document.querySelectorAll("[data-reader]").forEach((box) => {
  new ReaderBox(box);
  box.form.addEventListener("paste", paste);
});
