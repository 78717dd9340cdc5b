// Buttons that copy text.

import { _ } from "./words.js";

/** Copy text and say so on the button for a moment. */
export async function copy(button, text) {
  const words = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = _("Copied");
  } catch {
    button.textContent = _("Could not copy");
  }
  setTimeout(() => {
    button.textContent = words;
  }, 2000);
}
