// The list: search and filters that combine and live in the address.

import { loadPeople, matches, wordsOf } from "./people.js";

const FIELDS = ["q", "country", "group", "term", "all"];
const form = document.getElementById("filters");
const cards = document.getElementById("cards");
const pager = document.getElementById("pager");
const nobody = document.getElementById("nobody");
const status = document.getElementById("status");
const template = document.getElementById("card-template");
const { index, root } = form.dataset;
const size = Number(form.dataset.size);
const asBuilt = { cards: [...cards.children], pager: [...pager.children], status: status.textContent };
let loading = null;

function load() {
  loading ??= loadPeople(index);
  return loading;
}

/** What the address asks for. */
function wanted() {
  const query = new URLSearchParams(location.search);
  const asked = Object.fromEntries(FIELDS.map((name) => [name, query.get(name) ?? ""]));
  return { ...asked, all: asked.all === "1" ? "1" : "", page: Math.max(1, Number.parseInt(query.get("page") ?? "1", 10) || 1) };
}

/** The address that asks for what the form holds. */
function addressOf(page = 1) {
  const query = new URLSearchParams();
  for (const name of FIELDS) {
    const field = form.elements[name];
    const value = field.type === "checkbox" ? (field.checked ? "1" : "") : field.value.trim();
    if (value) query.set(name, value);
  }
  if (page > 1) query.set("page", page);
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}

function fill(asked) {
  for (const name of FIELDS) {
    const field = form.elements[name];
    if (field.type === "checkbox") field.checked = asked[name] === "1";
    else if (field.options) choose(field, asked[name]);
    else if (document.activeElement !== field || field.value.trim() !== asked[name]) field.value = asked[name];
  }
}

/** Set a list of choices; a value that is none of them is added, so that the form says what the address does. */
function choose(field, value) {
  for (const option of [...field.options]) if (option.dataset.strange && option.value !== value) option.remove();
  if (![...field.options].some((option) => option.value === value)) {
    const strange = new Option(`${value} (not here)`, value);
    strange.dataset.strange = "yes";
    field.add(strange);
  }
  field.value = value;
}

function isPlain(asked) {
  return FIELDS.every((name) => !asked[name]) && asked.page === 1;
}

function codeFits(wantedCode, pair) {
  return !wantedCode || (wantedCode === "none" ? pair === null : pair?.[0] === wantedCode);
}

function select(everybody, asked) {
  const words = wordsOf(asked.q);
  return everybody.filter(
    (person) =>
      codeFits(asked.country, person.country) &&
      codeFits(asked.group, person.group) &&
      (!asked.term || String(person.term) === asked.term) &&
      matches(person, words),
  );
}

async function show() {
  const address = location.search;
  const asked = wanted();
  fill(asked);
  if (isPlain(asked)) {
    cards.replaceChildren(...asBuilt.cards);
    pager.replaceChildren(...asBuilt.pager);
    status.textContent = asBuilt.status;
    nobody.hidden = true;
  } else {
    let everybody;
    try {
      everybody = await load();
    } catch {
      status.textContent = "The list could not be loaded. Please load the page again.";
    }
    if (location.search !== address) return; // asked again while the index came
    if (everybody) draw(select(everybody, asked), asked);
  }
  document.documentElement.classList.remove("searching");
}

function draw(found, asked) {
  const pictured = found.filter((person) => person.picture);
  const everybody = asked.all || wordsOf(asked.q).length || !pictured.length; // who is looked for by name is shown
  const shown = everybody ? found : pictured;
  const pages = Math.max(1, Math.ceil(shown.length / size));
  const page = Math.min(asked.page, pages);
  cards.replaceChildren(...shown.slice((page - 1) * size, page * size).map(card));
  pager.replaceChildren(...(pages > 1 ? [pagerOf(page, pages)] : []));
  status.textContent = summary(found.length, pictured.length, everybody, asked);
  nobody.hidden = found.length > 0;
}

/** How many people are shown, and how many of them have a portrait. */
function summary(found, pictured, everybody, asked) {
  const strange = form.querySelector("option[data-strange]");
  if (strange) return `Nobody: this release has no ${strange.parentElement.name} “${strange.value}”`;
  if (!found) return "Nobody fits";
  if (asked.all) return people(found);
  if (pictured === found) return `${people(found)} with a portrait`;
  if (!pictured) return `${people(found)} without a portrait`;
  if (everybody) return `${people(found)}, ${pictured.toLocaleString("en")} with a portrait`;
  return `${people(pictured)} with a portrait, and ${(found - pictured).toLocaleString("en")} without a portrait`;
}

function people(count) {
  return count === 1 ? "1 person" : `${count.toLocaleString("en")} people`;
}

function card(person) {
  const item = template.content.firstElementChild.cloneNode(true);
  item.querySelector("a").href = `${root}person/${person.id}/index.html`;
  const frame = item.querySelector(".frame");
  if (person.picture) {
    const image = new Image(170, 215);
    image.loading = "lazy";
    image.decoding = "async";
    image.alt = "";
    image.src = root + person.picture;
    frame.append(image);
  } else {
    frame.append(textIn("span", "none", "No portrait"));
  }
  item.querySelector(".name").textContent = person.name;
  const line = item.querySelector(".line");
  line.textContent = person.country?.[1] ?? "Country not known";
  if (person.group) line.append(" ", textIn("b", "group", person.group[0]));
  if (person.party) item.querySelector("a").append(textIn("span", "party", person.party));
  return item;
}

function textIn(tag, name, text) {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

function pagerOf(page, pages) {
  const nav = document.createElement("nav");
  nav.className = "pager";
  nav.setAttribute("aria-label", "Pages of the list");
  const list = document.createElement("ul");
  const add = (number, text, label) => {
    const link = textIn("a", "", text);
    link.href = addressOf(number);
    if (label) link.setAttribute("aria-label", label);
    if (number === page && label) link.setAttribute("aria-current", "page");
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  };
  if (page > 1) add(page - 1, "Previous");
  for (let number = 1; number <= pages; number += 1) {
    if (number === 1 || number === pages || Math.abs(number - page) <= 2) add(number, String(number), `Page ${number}`);
    else if (Math.abs(number - page) === 3) list.append(textIn("li", "", "…"));
  }
  if (page < pages) add(page + 1, "Next");
  nav.append(list);
  return nav;
}

function go(address, { replace = false } = {}) {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  return show();
}

let typed = false;
form.addEventListener("input", (event) => {
  const isText = event.target.name === "q";
  go(addressOf(), { replace: isText && typed }); // one step back undoes a search, not a letter
  typed = isText;
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  typed = false;
  document.getElementById("found").focus();
});
form.addEventListener("reset", (event) => {
  event.preventDefault();
  typed = false;
  const leaves = nobody.contains(document.activeElement);
  go(location.pathname);
  if (leaves) document.getElementById("found").focus(); // the button that was pressed is gone
});
pager.addEventListener("click", async (event) => {
  const link = event.target.closest("a");
  if (!link || !new URL(link.href).search || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  await go(link.getAttribute("href"));
  const heading = document.getElementById("found");
  heading.focus({ preventScroll: true });
  heading.scrollIntoView();
});
addEventListener("popstate", () => {
  typed = false;
  show();
});

// Arrow keys: from the search to the cards and among them.
addEventListener("keydown", (event) => {
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: perRow(), ArrowUp: -perRow() };
  const links = [...cards.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  if (at < 0) {
    if (event.key === "ArrowDown" && event.target.name === "q" && links.length) {
      event.preventDefault();
      links[0].focus();
    }
    return;
  }
  if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const next = at + steps[event.key];
  if (next < 0) form.elements.q.focus();
  else links[Math.min(next, links.length - 1)].focus();
});

function perRow() {
  const [first, ...others] = [...cards.children].map((item) => item.offsetTop);
  const wrapped = others.findIndex((top) => top > first);
  return wrapped < 0 ? others.length + 1 : wrapped + 1;
}

show();
