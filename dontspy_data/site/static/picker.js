// A text field that suggests people: the combobox pattern of the ARIA Authoring Practices.

import { search } from "./search.js";

const SUGGESTIONS = 8;

/**
 * Let a text field suggest people.
 * @param {HTMLInputElement} field with role combobox
 * @param {HTMLElement} list with role listbox
 * @param {() => Promise<object>} load gives the index
 * @param {(person: object) => void} choose told whom the reader chose
 * @param {(text: string) => void} miss told what the reader entered that is nobody's name or number
 */
export function combobox(field, list, load, choose, miss) {
  let found = [];
  let active = -1;

  async function suggest() {
    const index = await load().catch(() => null);
    if (!index) return; // the page says that it could not be loaded
    const asked = document.activeElement === field ? field.value.trim() : "";
    found = asked ? search(index, asked).found.slice(0, SUGGESTIONS) : [];
    active = found.length ? 0 : -1;
    draw();
  }

  function draw() {
    list.replaceChildren(...found.map(option));
    list.hidden = found.length === 0;
    field.setAttribute("aria-expanded", String(found.length > 0));
    if (active >= 0) field.setAttribute("aria-activedescendant", `option-${active}`);
    else field.removeAttribute("aria-activedescendant");
  }

  function option(person, place) {
    const item = document.createElement("span");
    item.id = `option-${place}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(place === active));
    item.textContent = [person.name, person.countries[0], person.groups[0]].filter(Boolean).join(", ");
    item.addEventListener("mousedown", (event) => {
      event.preventDefault();
      take(place);
    });
    return item;
  }

  function take(place) {
    const person = found[place];
    close();
    field.value = "";
    if (person) choose(person);
  }

  async function enter() {
    if (!found.length) await suggest(); // the people may have come since
    if (found.length) take(active);
    else if (field.value.trim()) miss(field.value.trim());
  }

  function close() {
    found = [];
    active = -1;
    draw();
  }

  field.addEventListener("focus", () => load().catch(() => {}), { once: true }); // what is typed next needs it
  field.addEventListener("input", suggest);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      active = (active + step + found.length) % found.length;
      draw();
    } else if (event.key === "Enter") enter();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
}
