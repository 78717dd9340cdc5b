// The page of the data: lines to copy, with this site's address where the builder did not know it.

import { copy } from "./copy.js";

const UNKNOWN = "https://THIS-SITE/";
const root = new URL("../", import.meta.url).href;

for (const line of document.querySelectorAll("[data-site]")) line.textContent = line.textContent.replace(UNKNOWN, root);
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy(button, document.getElementById(button.dataset.copy).textContent.trim()));
}
