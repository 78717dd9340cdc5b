// Guess first: ten faces, the reader's guess at each age, then both programs' and the fact. Nothing leaves the page.

import { element, shape } from "./dom.js";
import { picture } from "./people.js";
import { _, home, lang, n_, root } from "./words.js";

const FACES = 10;
const YOUNGEST = 18;
const OLDEST = 100;
const game = document.getElementById("game");
const { faces: address } = game.dataset;
const answered = []; // one entry a face: years off, the reader's first, then each model's

async function begin() {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
  const { models, faces } = await answer.json();
  ask(shuffled(faces).slice(0, FACES), models, 0);
}

function shuffled(items) {
  const left = [...items];
  for (let at = left.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [left[at], left[other]] = [left[other], left[at]];
  }
  return left;
}

function ask(faces, models, at) {
  if (at === faces.length) {
    tell(models);
    return;
  }
  const face = faces[at];
  const frame = element("div", "frame");
  frame.append(picture(face, root, { sizes: "17rem", alt: _("Official portrait of a Member of the European Parliament"), lazy: false }));
  const figure = element("figure", "asked");
  figure.append(frame, element("figcaption", "", face.credit));
  const form = element("form", "ask");
  const label = element("label", "", _("How old was this person when the picture was taken?"));
  const field = element("input");
  Object.assign(field, { type: "number", id: "age", min: YOUNGEST, max: OLDEST, required: true, inputMode: "numeric", autocomplete: "off" });
  label.htmlFor = "age";
  const button = element("button", "", _("That is my guess"));
  form.append(label, field, button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const years = Math.round(Number(field.value));
    answered.push([years, ...face.guessed].map((age) => (age === null ? null : age - face.official)));
    form.replaceWith(result(face, models, years, () => ask(faces, models, at + 1), at + 1 === faces.length));
    game.querySelector("h2").focus();
  });
  const heading = element("h2", "found", _("Face %(place)s of %(count)s", { place: at + 1, count: faces.length }));
  heading.tabIndex = -1;
  game.replaceChildren(heading, figure, form);
  if (at) field.focus({ preventScroll: true });
}

function result(face, models, years, next, isLast) {
  const box = element("div", "result");
  const name = element("p", "name");
  const link = element("a");
  link.href = `${home}person/${face.id}/index.html`;
  link.append(element("bdi", "", face.name));
  name.append(link, ": ", years_(face.official));
  const list = element("ul", "plain");
  list.append(line(_("You"), years, face.official));
  models.forEach((model, place) => list.append(line(model, face.guessed[place], face.official)));
  const button = element("button", "", isLast ? _("How did you do?") : _("Next face"));
  button.type = "button";
  button.addEventListener("click", next);
  box.append(name, scale(face, models, years), list, button);
  return box;
}

function line(who, age, official) {
  const item = element("li");
  item.append(element("b", "", who), age === null ? `: ${_("no answer")}` : `: ${age}, ${verdict(age - official)}`);
  return item;
}

function verdict(error) {
  if (error === 0) return _("right");
  return error > 0 ? n_("%(count)s year too old", "%(count)s years too old", error) : n_("%(count)s year too young", "%(count)s years too young", -error);
}

function years_(count) {
  return n_("%(count)s year", "%(count)s years", count);
}

/** The fact as a line, the guesses as letters beside it. */
function scale(face, models, years) {
  const svg = shape("svg", { class: "scale", viewBox: "0 0 340 64", "aria-hidden": "true" });
  const x = (age) => 10 + ((Math.min(Math.max(age, YOUNGEST), OLDEST) - YOUNGEST) * 320) / (OLDEST - YOUNGEST);
  svg.append(shape("rect", { class: "track", x: 10, y: 30, width: 320, height: 4 }));
  svg.append(shape("rect", { class: "fact", x: x(face.official) - 2, y: 18, width: 4, height: 28 }));
  const mark = (age, text, kind, y) => {
    svg.append(shape("circle", { class: kind, cx: x(age), cy: 32, r: 6 }));
    const word = shape("text", { x: x(age), y, "text-anchor": x(age) < 60 ? "start" : x(age) > 280 ? "end" : "middle" });
    word.textContent = text;
    svg.append(word);
  };
  mark(years, _("you"), "mine", 12);
  models.forEach((model, place) => face.guessed[place] !== null && mark(face.guessed[place], model, "theirs", place % 2 ? 12 : 60));
  return svg;
}

function average(errors) {
  const mean = errors.reduce((sum, one) => sum + one, 0) / errors.length;
  return mean.toLocaleString(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/** The end: how far off everybody was on average. */
function tell(models) {
  const heading = element("h2", "found", _("How far off, on average"));
  heading.tabIndex = -1;
  const table = element("table", "score");
  const body = element("tbody");
  [_("You"), ...models].forEach((who, place) => {
    const errors = answered.map((face) => face[place]).filter((error) => error !== null).map(Math.abs);
    const row = element("tr");
    const head = element("th", "", who);
    head.scope = "row";
    const mean = errors.length ? _("%(number)s years", { number: average(errors) }) : _("no answer");
    row.append(head, element("td", "num", mean), element("td", "num", errors.length ? _("worst: %(years)s", { years: years_(Math.max(...errors)) }) : ""));
    body.append(row);
  });
  table.append(body);
  const note = element("p", "", _("Ten faces say little about anybody. Software that is sold to judge people says a number just as surely when it is wrong. Your answers were never sent or stored."));
  const again = element("button", "", _("Ten other faces"));
  again.type = "button";
  again.addEventListener("click", () => {
    answered.length = 0;
    begin().catch(failed);
  });
  game.replaceChildren(heading, table, note, again);
  heading.focus();
}

function failed() {
  game.replaceChildren(element("p", "note", _("The faces could not be loaded. Please load the page again.")));
}

begin().catch(failed);
