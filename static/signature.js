// The member's signature on the screen: under exactly the text that is stored with it. Whoever
// changes the form afterwards asks for another signature. A form with data-signing-sends is sent
// when it is signed; one with data-signing-at-once asks for the signature as its page opens.

/* global SignaturePad */

class Signing {
  constructor(form, dialog) {
    this.form = form;
    this.dialog = dialog;
    this.content = dialog.querySelector("[data-signing-content]");
    this.area = dialog.querySelector("[data-signing-area]");
    this.said = dialog.querySelector("[data-signing-said]");
    this.canvas = dialog.querySelector("[data-signing-pad]");
    this.image = form.querySelector("[data-signing-image]");
    this.state = form.querySelector("[data-signing-state]");
    this.finish = dialog.querySelector("[data-signing-finish]");
    this.clear = dialog.querySelector("[data-signing-clear]");
    form.querySelector("[data-signing-done-piece]").hidden = false;
    this.listen();
    this.show();
    if ("signingAtOnce" in form.dataset) this.open();
  }

  listen() {
    const on = (name, act) => this.dialog.querySelector(`[data-signing-${name}]`).addEventListener("click", act);
    this.form.querySelector("[data-signing-open]").addEventListener("click", () => this.open());
    this.form.addEventListener("input", (event) => this.changed(event));
    on("finish", () => this.keep());
    on("clear", () => this.wipe());
    on("paper", () => this.onPaper());
    on("cancel", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.comeBack());
    window.addEventListener("resize", () => this.dialog.open && this.fit());
  }

  async open() {
    const body = new FormData(this.form);
    body.set("signing", "screen");
    body.delete("signature");
    try {
      const answer = await fetch(this.form.dataset.signing, { method: "POST", body });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      this.content.innerHTML = await answer.text();
    } catch {
      this.state.textContent = "没有连上服务器，请再试一次，或选择纸质签字。";
      return;
    }
    this.text = this.content.querySelector("[data-signing-text]")?.textContent;
    for (const piece of [this.area, this.finish, this.clear]) piece.hidden = !this.text;
    this.said.hidden = true;
    this.dialog.showModal();
    this.content.focus();
    this.pad ??= new SignaturePad(this.canvas, { penColor: "#000000", minWidth: 1, maxWidth: 3 });
    this.pad.clear();
    this.fit();
  }

  /** As many dots as the screen has, so that a signature is sharp; what was drawn stays. */
  fit() {
    const drawn = this.pad.toData();
    const ratio = Math.min(Math.max(window.devicePixelRatio, 1), 2);
    this.canvas.width = this.canvas.offsetWidth * ratio;
    this.canvas.height = this.canvas.offsetHeight * ratio;
    this.canvas.getContext("2d").scale(ratio, ratio);
    this.pad.clear();
    this.pad.fromData(drawn);
  }

  wipe() {
    this.pad.clear();
    this.said.hidden = true;
  }

  keep() {
    this.said.hidden = !this.pad.isEmpty();
    if (this.pad.isEmpty()) return;
    this.form.elements.signature.value = this.pad.toDataURL("image/png");
    this.form.elements.signed_text.value = this.text;
    this.answer("screen");
    this.dialog.close();
    this.show();
    this.form.querySelector("[type=submit]").focus();
    if ("signingSends" in this.form.dataset) this.form.requestSubmit();
  }

  onPaper() {
    this.answer("paper");
    this.forget();
    this.dialog.close();
    this.form.querySelector("[name=slip_number], [name=signing][value=paper]").focus();
  }

  /** A dialog that opened by itself has nowhere to give the focus back to. */
  comeBack() {
    const at = document.activeElement;
    if (at !== document.body && !this.dialog.contains(at)) return;
    this.form.querySelector("[data-signing-open]").focus();
  }

  /** Where the form asks how it is signed; elsewhere a slip number says so. */
  answer(way) {
    if (this.form.elements.signing) this.form.elements.signing.value = way;
  }

  changed({ target }) {
    if (["signing", "slip_number"].includes(target.name)) return;
    if (!this.form.elements.signature.value) return;
    this.forget();
    this.state.textContent = `${this.form.dataset.signingOf ?? "登记表"}改过，请会员重新签字。`;
  }

  forget() {
    this.form.elements.signature.value = "";
    this.form.elements.signed_text.value = "";
    this.show();
  }

  show() {
    const drawn = this.form.elements.signature.value;
    this.image.hidden = !drawn;
    if (drawn) this.image.src = drawn;
    else this.image.removeAttribute("src");
    this.state.textContent = drawn ? "已签字。" : "";
  }
}

const form = document.querySelector("[data-signing]");
if (form) new Signing(form, document.querySelector("[data-signing-dialog]"));
