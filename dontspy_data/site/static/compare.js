// Comparison: two to six people in the fragment, side by side in a table whose rows align.

import { copy } from "./copy.js";
import { element, shape } from "./dom.js";
import { loadPeople, picture } from "./people.js";
import { combobox } from "./picker.js";
import { _, home, n_, root } from "./words.js";

const MOST = 6;
const ATTRIBUTES = [
  { attribute: "age", official: () => _("Official age"), guesses: (model) => _("%(model)s guesses age", { model }) },
  { attribute: "gender", official: () => _("Official gender"), guesses: (model) => _("%(model)s guesses gender", { model }) },
  { attribute: "expression", guesses: (model) => _("%(model)s guesses expression", { model }) },
];
const SIZES = "10rem";
const form = document.getElementById("picker");
const { index } = form.dataset;
const table = document.getElementById("shown");
const start = document.getElementById("start");
const problems = document.getElementById("problems");
const status = document.getElementById("status");
const link = document.getElementById("link");
const share = document.getElementById("share");
const answers = new Map();
let removed = null; // place of the person who was just removed
let loading = null;

function people() {
  loading ??= loadPeople(index).catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** The ids in the fragment, each once, and what is wrong with the others. */
function read({ people: everybody }) {
  const known = new Set(everybody.map((person) => person.id));
  const ids = [];
  const wrong = [];
  const parts = decode(location.hash.slice(1)).split(",").map((part) => part.trim()).filter(Boolean);
  for (const part of parts) {
    const id = Number(part);
    if (!/^[1-9]\d*$/.test(part)) wrong.push(_("“%(text)s” is not a number of the Parliament.", { text: part }));
    else if (!known.has(id)) wrong.push(_("Nobody in this release has the number %(number)s.", { number: part }));
    else if (ids.includes(id)) continue;
    else if (ids.length === MOST) wrong.push(_("Only six fit side by side; %(number)s is left out.", { number: part }));
    else ids.push(id);
  }
  return { ids, wrong };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function show() {
  const fragment = location.hash;
  if (fragment.length < 2) {
    draw([], []);
    return;
  }
  const all = await people();
  const { ids, wrong } = read(all);
  const found = await Promise.all(ids.map(load));
  if (location.hash !== fragment) return; // asked again while the answers came
  const listed = new Map(all.people.map((person) => [person.id, person]));
  draw(found.map((answer, place) => ({ answer, listed: listed.get(ids[place]) })), wrong);
}

function draw(found, wrong) {
  problems.replaceChildren(...wrong.map((text) => element("li", "", text)));
  problems.hidden = wrong.length === 0;
  table.replaceChildren(...(found.length ? [heads(found), rows(found.map(({ answer }) => answer))] : []));
  table.parentElement.hidden = !found.length;
  share.hidden = !found.length;
  start.hidden = found.length > 1;
  status.textContent = found.length ? n_("%(count)s person of at most %(most)s", "%(count)s people of at most %(most)s", found.length, { most: MOST }) : _("Choose two faces to compare");
  link.value = location.href;
  document.documentElement.classList.remove("searching");
  if (removed !== null) refocus();
}

/** Where the keyboard goes on after a removal: to the person who moved up, or back to the field. */
function refocus() {
  const buttons = [...table.querySelectorAll("button")];
  (buttons[removed] ?? buttons.at(-1) ?? document.getElementById("who")).focus();
  removed = null;
}

async function load(id) {
  if (!answers.has(id)) {
    answers.set(
      id,
      fetch(`${root}api/individual/${id}.json`).then((answer) => {
        if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
        return answer.json();
      }),
    );
  }
  return answers.get(id);
}

function setIds(ids) {
  location.hash = ids.join(",");
}

/** The head of the table: a face, a name and a button each. */
function heads(found) {
  const row = element("tr");
  row.append(element("td"));
  for (const [place, { answer, listed }] of found.entries()) {
    const cell = element("th");
    cell.scope = "col";
    const name = element("a");
    name.href = `${listed.portrait ? home : root}person/${answer.id}/index.html`;
    name.append(element("bdi", "", answer.name));
    const remove = element("button", "small", _("Remove"));
    remove.type = "button";
    remove.setAttribute("aria-label", _("Remove %(name)s", { name: answer.name }));
    remove.addEventListener("click", () => {
      removed = place;
      setIds(found.filter((_, at) => at !== place).map((one) => one.answer.id));
    });
    cell.append(face(answer, listed), name, remove);
    row.append(cell);
  }
  const head = element("thead");
  head.append(row);
  return head;
}

function face(person, { portrait }) {
  const frame = element("div", "frame");
  if (!portrait) {
    frame.append(element("span", "none", _("No portrait")));
    return frame;
  }
  const shown = person.portraits.find((one) => one.is_current && one.path);
  frame.append(picture(portrait, root, { sizes: SIZES, alt: _("Official portrait of %(name)s", { name: person.name }), lazy: false }));
  for (const one of shown.faces) frame.append(overlay(shown, one));
  const figure = element("figure");
  figure.append(frame, element("figcaption", "", shown.credit ?? _("Source: European Parliament")));
  return figure;
}

function overlay(portrait, { left, top, width, height, points }) {
  const viewBox = `0 0 ${portrait.width} ${portrait.height}`;
  const svg = shape("svg", { class: "boxes", viewBox, "aria-hidden": "true" });
  svg.append(shape("rect", { class: "box", x: left, y: top, width, height }));
  for (const [cx, cy] of points) svg.append(shape("circle", { class: "point", cx, cy, r: width / 32 }));
  return svg;
}

/** What is compared, a row each: guesses at one thing beneath one another, with the official fact above them. */
function rows(found) {
  const body = element("tbody");
  const face = (person) => person.portraits.find((one) => one.is_current)?.faces[0];
  const row = (name, values, kind = "") => {
    const made = element("tr", kind);
    const head = element("th", "", name);
    head.scope = "row";
    made.append(head, ...values.map((value) => (value instanceof Node ? value : element("td", "", value ?? _("not known")))));
    body.append(made);
  };
  for (const { attribute, official, guesses } of ATTRIBUTES) {
    const of = (person) => person.guesses.filter((guess) => guess.attribute === attribute);
    const models = [...new Set(found.flatMap((person) => of(person).map((guess) => guess.model)))];
    if (!models.length) continue;
    const facts = found.map((person) => of(person).find((guess) => guess.official)?.official);
    if (official) row(official(), facts, "fact");
    for (const model of models) row(guesses(model), found.map((person) => guessed(of(person).find((guess) => guess.model === model))), "guess");
  }
  row(_("Country"), found.map((person) => person.nation));
  row(_("Group"), found.map((person) => person.group_code));
  row(_("Party"), found.map((person) => person.party));
  row(_("Born"), found.map((person) => person.birth_date));
  if (!found.some((person) => person.guesses.length)) row(_("Gender, as published"), found.map((person) => person.gender));
  row(_("Face found with score"), found.map((person) => face(person)?.score.toFixed(2)));
  row(_("Between the eyes"), found.map((person) => face(person) && _("%(count)s pixels", { count: Math.round(face(person).eye_distance) })));
  return body;
}

function guessed(guess) {
  const cell = element("td", guess?.is_wrong ? "wrong" : "");
  if (!guess) {
    cell.textContent = _("no answer");
    return cell;
  }
  cell.lang = "en"; // the language of the API
  cell.append(element("span", "says", guess.says), element("span", "line", guess.official ? guess.verdict : ""));
  return cell;
}

function failed() {
  status.textContent = _("The people could not be loaded. Please load the page again.");
}

async function add(person) {
  const { ids } = read(await people());
  if (ids.length === MOST) status.textContent = _("Six are the most that fit side by side. Remove one first.");
  else if (!ids.includes(person.id)) setIds([...ids, person.id]);
}

async function twoAtRandom() {
  const pictured = (await people()).people.filter((person) => person.portrait);
  const one = pictured[Math.floor(Math.random() * pictured.length)];
  const others = pictured.filter((person) => person !== one);
  const other = others[Math.floor(Math.random() * others.length)];
  setIds([one, other].filter(Boolean).map((person) => person.id));
}

function miss(text) {
  status.textContent = _("Nobody in this release is called “%(text)s” or has that number.", { text });
}

combobox(document.getElementById("who"), document.getElementById("suggestions"), people, add, miss);
document.getElementById("copy").addEventListener("click", (event) => copy(event.currentTarget, link.value));
document.getElementById("random").addEventListener("click", () => twoAtRandom().catch(failed));
form.addEventListener("submit", (event) => event.preventDefault());
start.addEventListener("click", (event) => {
  const face = event.target.closest("a[data-id]");
  if (!face || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  add({ id: Number(face.dataset.id) }).catch(failed);
});
addEventListener("hashchange", () => show().catch(failed));
show().catch(failed);
