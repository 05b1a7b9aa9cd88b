// The reviewer's name, kept in this browser.

const field = document.getElementById("reviewer");
const KEY = "ocrq reviewer";

try {
  field.value = localStorage.getItem(KEY) || field.value;
  field.addEventListener("change", () => localStorage.setItem(KEY, field.value.trim()));
} catch {
  // A browser that keeps nothing: the name holds for this page.
}
