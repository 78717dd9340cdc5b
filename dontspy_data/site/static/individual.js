// Individual comparison: one to six people in the fragment, side by side, with what face detection draws.

import { copy } from "./copy.js";
import { loadPeople } from "./people.js";
import { combobox } from "./picker.js";

const MOST = 6;
const SVG = "http://www.w3.org/2000/svg";
const form = document.getElementById("picker");
const { index, root } = form.dataset;
const shown = document.getElementById("shown");
const problems = document.getElementById("problems");
const status = document.getElementById("status");
const link = document.getElementById("link");
const answers = new Map();
let removed = null; // place of the person who was just removed
const people = loadPeople(index);

/** The ids in the fragment, each once, and what is wrong with the others. */
function read(everybody) {
  const known = new Set(everybody.map((person) => person.id));
  const ids = [];
  const wrong = [];
  const parts = decode(location.hash.slice(1)).split(",").map((part) => part.trim()).filter(Boolean);
  for (const part of parts) {
    const id = Number(part);
    if (!/^[1-9]\d*$/.test(part)) wrong.push(`“${part}” is not a number of the Parliament.`);
    else if (!known.has(id)) wrong.push(`Nobody in this release has the number ${part}.`);
    else if (ids.includes(id)) continue;
    else if (ids.length === MOST) wrong.push(`Only six fit side by side; ${part} is left out.`);
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
  const { ids, wrong } = read(await people);
  problems.replaceChildren(...wrong.map((text) => element("li", "", text)));
  problems.hidden = wrong.length === 0;
  const found = await Promise.all(ids.map(load));
  if (location.hash !== fragment) return; // asked again while the answers came
  shown.replaceChildren(...found.map((person) => column(person, ids)));
  status.textContent = ids.length
    ? `${ids.length} of at most ${MOST} people`
    : "Nobody yet: add a person by name, or put numbers after # in the address, such as #96796,197820.";
  link.value = location.href;
  if (removed !== null) refocus();
}

/** Where the keyboard goes on after a removal: to the person who moved up, or back to the field. */
function refocus() {
  const buttons = [...shown.querySelectorAll("button")];
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

function column(person, ids) {
  const item = element("li");
  const heading = element("h2");
  const name = element("a", "", person.name);
  name.href = `${root}person/${person.id}/index.html`;
  heading.append(name);
  const remove = element("button", "", "Remove");
  remove.type = "button";
  remove.setAttribute("aria-label", `Remove ${person.name}`);
  remove.addEventListener("click", () => {
    removed = ids.indexOf(Number(person.id));
    setIds(ids.filter((_, place) => place !== removed));
  });
  item.append(picture(person), heading, facts(person), ...guesses(person), remove);
  return item;
}

function picture(person) {
  const frame = element("div", "frame");
  const portrait = person.portraits.find((one) => one.is_current && one.path);
  if (!portrait) {
    frame.append(element("span", "none", "No portrait"));
    return frame;
  }
  const image = new Image(portrait.width, portrait.height);
  image.alt = `Official portrait of ${person.name}`;
  image.src = root + portrait.shown;
  frame.append(image);
  for (const face of portrait.faces) frame.append(overlay(portrait, face));
  const figure = element("figure");
  figure.append(frame, element("figcaption", "", portrait.credit ?? "Source: European Parliament"));
  return figure;
}

function overlay(portrait, face) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "boxes");
  svg.setAttribute("viewBox", `0 0 ${portrait.width} ${portrait.height}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(shape("rect", { class: "box", x: face.left, y: face.top, width: face.width, height: face.height }));
  for (const [cx, cy] of face.points) svg.append(shape("circle", { class: "point", cx, cy, r: face.width / 32 }));
  return svg;
}

function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function facts(person) {
  const face = person.portraits.find((one) => one.is_current)?.faces[0];
  const list = element("dl", "key");
  const rows = {
    Number: person.id,
    Country: person.nation,
    Group: person.group_code,
    Party: person.party,
    "Gender, as published": person.gender,
    Born: person.birth_date,
    "Face found with score": face?.score.toFixed(2),
    "Between the eyes": face && `${Math.round(face.eye_distance)} pixels`,
  };
  for (const [name, value] of Object.entries(rows)) {
    const row = element("div");
    row.append(element("dt", "", name), element("dd", "", value ?? "not known"));
    list.append(row);
  }
  return list;
}

function guesses(person) {
  if (!person.guesses.length) return [];
  const list = element("ul", "guesses");
  for (const guess of person.guesses) {
    const text = `${guess.model} guesses ${guess.attribute}: ${guess.says}`;
    const item = element("li", guess.is_wrong ? "wrong" : "", text);
    item.append(element("span", "line", guess.official ? `; official: ${guess.official} (${guess.verdict})` : ""));
    list.append(item);
  }
  return [element("h3", "", "Software’s guesses, not facts"), list];
}

function element(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

function failed() {
  status.textContent = "The people could not be loaded. Please load the page again.";
}

async function add(person) {
  const { ids } = read(await people);
  if (ids.length === MOST) status.textContent = "Six are the most that fit side by side. Remove one first.";
  else if (!ids.includes(person.id)) setIds([...ids, person.id]);
}

function miss(text) {
  status.textContent = `Nobody in this release is called “${text}” or has that number.`;
}

combobox(document.getElementById("who"), document.getElementById("suggestions"), people, add, miss);
document.getElementById("copy").addEventListener("click", (event) => copy(event.currentTarget, link.value));
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", () => show().catch(failed));
show().catch(failed);
