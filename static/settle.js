// The total of a settlement follows what is ticked.

const YUAN = { minimumFractionDigits: 2, maximumFractionDigits: 2 };

/** In 分: prices of yuan and 分 do not add up exactly as fractions. */
function total(form) {
  const ticked = [...form.querySelectorAll("[data-price]:checked")];
  return ticked.reduce((sum, box) => sum + Math.round(Number(box.dataset.price) * 100), 0);
}

function tell(form) {
  const said = (total(form) / 100).toLocaleString("zh-CN", YUAN);
  form.querySelector("[data-settle-total]").textContent = said;
}

document.querySelectorAll("[data-settle]").forEach((form) => {
  form.addEventListener("input", () => tell(form));
  tell(form);
});
