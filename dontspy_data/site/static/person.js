// A person's page: the button that copies the citation.

import { copy } from "./copy.js";

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy(button, document.getElementById(button.dataset.copy).textContent.trim()));
}
