// The index of people, as the builder's `explore.index_json` writes it.

const STATUS = { s: "sitting", f: "former" };
const GENDER = { f: "female", m: "male" };

/** Everybody in the release, by family name, and the names of countries, groups, parties, terms and models. */
export async function loadPeople(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return readIndex(await answer.json());
}

/** An index with its people as objects. */
export function readIndex(index) {
  const people = index.people.map(([id, name, countries, groups, terms, party, gender, status, portrait, reading, official], place) => ({
    id,
    name,
    official: official ?? "",
    place,
    countries: countries.map((one) => index.countries[one][0]),
    groups: groups.map((one) => index.groups[one][0]),
    terms: terms.map(String),
    party: party < 0 ? "" : index.parties[party],
    gender: GENDER[gender] ?? "",
    status: STATUS[status] ?? "",
    portrait: portrait && portraitOf(id, portrait),
    reading: reading && readingOf(reading),
  }));
  return { ...index, people };
}

function portraitOf(id, [digits, width, height, ...box]) {
  return { key: `${id}-${digits}`, width, height, box: box.length ? box : null };
}

/** What software read off a portrait: whether a gender is misread, the official age, and each model's guess at it. */
function readingOf([misread, official, ...guessed]) {
  const errors = guessed.filter((age) => age !== null).map((age) => age - official);
  return { isMisread: misread === 1, official, guessed, errors };
}

/** The widths of a portrait's copies, as the builder makes them (`copies.copy_widths`). */
function copyWidths(width) {
  return [...new Set([170, 340].map((one) => Math.min(one, width)))];
}

/** A portrait as an element: WebP where the browser takes it, JPEG elsewhere. */
export function picture(portrait, root, { sizes, alt = "", lazy = true }) {
  const address = (width, ending) => `${root}pictures/${portrait.key}-${width}.${ending}`;
  const set = (ending) => copyWidths(portrait.width).map((width) => `${address(width, ending)} ${width}w`).join(", ");
  const source = document.createElement("source");
  source.type = "image/webp";
  source.srcset = set("webp");
  source.sizes = sizes;
  const image = new Image(portrait.width, portrait.height);
  image.alt = alt;
  image.decoding = "async";
  if (lazy) image.loading = "lazy";
  const made = document.createElement("picture");
  made.append(source, image);
  image.src = address(copyWidths(portrait.width)[0], "jpg");
  return made;
}
