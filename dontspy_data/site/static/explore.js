// The wall of faces: search, facets and orders that combine and live in the address.

import { shape } from "./dom.js";
import { FACETS, filter, sort } from "./facets.js";
import { loadPeople, picture } from "./people.js";
import { search } from "./search.js";
import { _, home, lang, n_, root } from "./words.js";

const form = document.getElementById("choose");
const wall = document.getElementById("wall");
const pager = document.getElementById("pager");
const nobody = document.getElementById("nobody");
const status = document.getElementById("status");
const heading = document.getElementById("found");
const template = document.getElementById("face-template");
const { index, sizes } = form.dataset;
const size = Number(form.dataset.size);
const chosen = document.getElementById("chosen");
const asBuilt = {
  wall: [...wall.children],
  pager: [...pager.children],
  status: status.textContent,
  counts: new Map([...form.querySelectorAll("[data-count]")].map((one) => [one, one.textContent])),
};
let loading = null;

function load() {
  loading ??= loadPeople(index).catch((error) => {
    loading = null; // the next question asks again
    throw error;
  });
  return loading;
}

/** What the address asks for. */
function wanted() {
  const query = new URLSearchParams(location.search);
  const codes = (facet) => [...new Set((query.get(facet) ?? "").split(",").filter(Boolean))];
  return {
    q: query.get("q") ?? "",
    facets: Object.fromEntries(FACETS.map((facet) => [facet, codes(facet)])),
    sort: query.get("sort") ?? "",
    all: query.get("all") === "1",
    boxes: query.get("boxes") !== "0",
    page: Math.max(1, Number.parseInt(query.get("page") ?? "1", 10) || 1),
  };
}

/** What the form asks for; codes in the address that no box stands for stay asked for. */
function entered() {
  const asked = wanted();
  const facets = Object.fromEntries(
    FACETS.map((facet) => {
      const boxes = [...form.querySelectorAll(`input[name="${facet}"]`)];
      const strange = asked.facets[facet].filter((code) => !boxes.some((box) => box.value === code));
      return [facet, [...strange, ...boxes.filter((box) => box.checked).map((box) => box.value)]];
    }),
  );
  const { q, sort: order, all, boxes } = form.elements;
  return { q: q.value.trim(), facets, sort: order?.value ?? "", all: all.checked, boxes: boxes.checked, page: 1 };
}

function addressOf({ q, facets, sort: order, all, boxes, page }) {
  const parts = [
    ["q", q],
    ...FACETS.map((facet) => [facet, facets[facet].join(",")]),
    ["sort", order],
    ["all", all ? "1" : ""],
    ["boxes", boxes ? "" : "0"],
    ["page", page > 1 ? String(page) : ""],
  ].filter(([, value]) => value);
  const query = parts.map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",").replaceAll("%20", "+")}`);
  return query.length ? `?${query.join("&")}` : location.pathname;
}

function fill(asked) {
  const { q, sort: order, all, boxes } = form.elements;
  if (document.activeElement !== q || q.value.trim() !== asked.q) q.value = asked.q;
  for (const facet of FACETS) {
    for (const box of form.querySelectorAll(`input[name="${facet}"]`)) box.checked = asked.facets[facet].includes(box.value);
  }
  if (order) order.value = [...order.options].some((one) => one.value === asked.sort) ? asked.sort : "";
  all.checked = asked.all;
  boxes.checked = asked.boxes;
  chosen.replaceChildren(...FACETS.flatMap((facet) => asked.facets[facet].map((code) => chip(facet, code))));
}

function chip(facet, code) {
  const button = textIn("button", "chip", nameOf(facet, code) ?? _("%(code)s (not here)", { code }));
  button.type = "button";
  button.dataset.facet = facet;
  button.dataset.code = code;
  button.setAttribute("aria-label", _("Remove %(name)s", { name: button.textContent }));
  return button;
}

function nameOf(facet, code) {
  const box = [...form.querySelectorAll(`input[name="${facet}"]`)].find((one) => one.value === code);
  return box?.closest("label").querySelector(".value").textContent;
}

function isPlain(asked) {
  return !asked.q && !asked.sort && !asked.all && asked.page === 1 && FACETS.every((facet) => !asked.facets[facet].length);
}

async function show() {
  const address = location.search;
  const asked = wanted();
  fill(asked);
  document.body.classList.toggle("unboxed", !asked.boxes);
  if (isPlain(asked)) restore();
  else {
    let people;
    try {
      people = await load();
    } catch {
      status.textContent = _("The list could not be loaded. Please load the page again.");
    }
    if (location.search !== address) return; // asked again while the index came
    if (people) draw(people, asked);
  }
  document.documentElement.classList.remove("searching");
}

function restore() {
  wall.replaceChildren(...asBuilt.wall);
  pager.replaceChildren(...asBuilt.pager);
  status.textContent = asBuilt.status;
  for (const [element, text] of asBuilt.counts) element.textContent = text;
  nobody.hidden = true;
}

function draw(everybody, asked) {
  const { found, isNearly } = search(everybody, asked.q);
  const isPictured = ({ portrait }) => portrait;
  const all = filter(found, asked.facets);
  const isEverybody = asked.all || asked.q || !all.found.some(isPictured); // who is looked for by name is shown
  const shown = isEverybody ? all : filter(found.filter(isPictured), asked.facets);
  const ordered = sort(shown.found, asked.sort);
  const pages = Math.max(1, Math.ceil(ordered.length / size));
  const page = Math.min(asked.page, pages);
  const tile = (person) => tileOf(person, asked.sort && everybody.models);
  wall.replaceChildren(...ordered.slice((page - 1) * size, page * size).map(tile));
  pager.replaceChildren(...(pages > 1 ? [pagerOf({ ...asked, page }, pages)] : []));
  for (const element of asBuilt.counts.keys()) {
    const [facet, code] = element.dataset.count.split(":");
    element.textContent = (shown.counts[facet].get(code) ?? 0).toLocaleString(lang);
  }
  const pictured = all.found.filter(isPictured).length;
  const told = summary(all.found.length, pictured, isEverybody, asked);
  status.textContent = isNearly ? _("Nobody is spelt “%(query)s”. Near it: %(found)s", { query: asked.q, found: told }) : told;
  nobody.hidden = ordered.length > 0;
}

/** How many people are shown, and how many of them have a portrait. */
function summary(found, pictured, isEverybody, asked) {
  const strange = FACETS.find((facet) => asked.facets[facet].some((code) => !nameOf(facet, code)));
  if (!found && strange) {
    return _("Nobody: this release has no “%(code)s”", { code: asked.facets[strange].find((code) => !nameOf(strange, code)) });
  }
  if (!found) return _("Nobody fits");
  const everybody = n_("%(count)s person", "%(count)s people", found);
  const others = (found - pictured).toLocaleString(lang);
  if (asked.all) return everybody;
  if (pictured === found) return n_("%(count)s person with a portrait", "%(count)s people with a portrait", found);
  if (!pictured) return n_("%(count)s person without a portrait", "%(count)s people without a portrait", found);
  if (isEverybody) return _("%(people)s, %(pictured)s with a portrait", { people: everybody, pictured: pictured.toLocaleString(lang) });
  return n_("%(count)s person with a portrait, and %(others)s without", "%(count)s people with a portrait, and %(others)s without", pictured, { others });
}

function tileOf(person, models) {
  const item = template.content.firstElementChild.cloneNode(true);
  item.querySelector("a").href = `${person.portrait ? home : root}person/${person.id}/index.html`;
  const frame = item.querySelector(".frame");
  if (person.portrait) frame.append(picture(person.portrait, root, { sizes }), ...boxes(person.portrait));
  else frame.append(textIn("span", "none", _("No portrait")));
  item.querySelector("bdi").textContent = person.name;
  item.querySelector(".line").textContent = models ? ages(person.reading, models) : belongs(person);
  return item;
}

function belongs({ countries, groups }) {
  return [countries[0], groups[0]].filter(Boolean).join(" · ") || _("not known");
}

function ages(reading, models) {
  if (!reading || !reading.errors.length) return _("no age to compare");
  const guessed = reading.guessed.map((age, place) => `${models[place]} ${age ?? "–"}`);
  return _("is %(age)s; %(guesses)s", { age: reading.official, guesses: guessed.join(", ") });
}

function boxes({ width, height, box }) {
  if (!box) return [];
  const svg = shape("svg", { class: "boxes", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  svg.append(shape("rect", { class: "box", x: box[0], y: box[1], width: box[2], height: box[3] }));
  return [svg];
}

function textIn(tag, name, text) {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

function pagerOf(asked, pages) {
  const { page } = asked;
  const nav = document.createElement("nav");
  nav.className = "pager";
  nav.setAttribute("aria-label", _("Pages of the wall"));
  const list = document.createElement("ul");
  const add = (number, text, label) => {
    const link = textIn("a", "", text);
    link.href = addressOf({ ...asked, page: number });
    if (label) link.setAttribute("aria-label", label);
    if (number === page && label) link.setAttribute("aria-current", "page");
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  };
  if (page > 1) add(page - 1, _("Previous"));
  for (let number = 1; number <= pages; number += 1) {
    if (number === 1 || number === pages || Math.abs(number - page) <= 2) add(number, String(number), _("Page %(number)s", { number }));
    else if (Math.abs(number - page) === 3) list.append(textIn("li", "", "…"));
  }
  if (page < pages) add(page + 1, _("Next"));
  nav.append(list);
  return nav;
}

function go(asked, { replace = false } = {}) {
  const address = addressOf(asked);
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  return show();
}

let typed = false;
form.addEventListener("input", (event) => {
  const isText = event.target.name === "q";
  go(entered(), { replace: isText && typed }); // one step back undoes a search, not a letter
  typed = isText;
});
form.addEventListener("focusin", () => load().catch(() => {}), { once: true }); // what comes next needs it; show() says if it fails
form.addEventListener("submit", (event) => {
  event.preventDefault();
  typed = false;
  heading.focus();
});
form.addEventListener("reset", (event) => {
  event.preventDefault();
  typed = false;
  const leaves = nobody.contains(document.activeElement);
  go({ ...wanted(), q: "", sort: "", all: false, page: 1, facets: Object.fromEntries(FACETS.map((facet) => [facet, []])) });
  if (leaves) heading.focus(); // the button that was pressed is gone
});
chosen.addEventListener("click", (event) => {
  const { facet, code } = event.target.closest("button")?.dataset ?? {};
  if (!facet) return;
  const asked = wanted();
  typed = false;
  go({ ...asked, page: 1, facets: { ...asked.facets, [facet]: asked.facets[facet].filter((one) => one !== code) } });
  heading.focus();
});
pager.addEventListener("click", async (event) => {
  const link = event.target.closest("a");
  if (!link || !link.getAttribute("href").startsWith("?") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", link.getAttribute("href"));
  await show();
  heading.focus({ preventScroll: true });
  heading.scrollIntoView();
});
addEventListener("popstate", () => {
  typed = false;
  show();
});

// One list of choices is open at a time; Escape and a click elsewhere close it.
const lists = [...form.querySelectorAll("details")];
for (const list of lists) {
  list.addEventListener("toggle", () => {
    if (list.open) for (const other of lists) if (other !== list) other.open = false;
  });
}
addEventListener("click", (event) => {
  for (const list of lists) if (!list.contains(event.target)) list.open = false;
});

// Arrow keys: from the search to the faces and among them.
addEventListener("keydown", (event) => {
  const open = lists.find((list) => list.open);
  if (event.key === "Escape" && open) {
    open.open = false;
    open.querySelector("summary").focus();
    return;
  }
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: perRow(), ArrowUp: -perRow() };
  const links = [...wall.querySelectorAll("a")];
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
  const [first, ...others] = [...wall.children].map((item) => item.offsetTop);
  const wrapped = others.findIndex((top) => top > first);
  return wrapped < 0 ? others.length + 1 : wrapped + 1;
}

show();
