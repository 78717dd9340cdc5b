// The index of people, and how names are compared.

const PLAIN = {
  ł: "l", ø: "o", đ: "d", ð: "d", ß: "ss", æ: "ae", œ: "oe", þ: "th", ħ: "h", ı: "i",
  "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "‐": "-", "‑": "-", "–": "-",
};
const FANCY = new RegExp(`[${Object.keys(PLAIN).join("")}]`, "g");

/** Text without accents and case, with plain apostrophes and hyphens; the builder's `labels.fold` does the same. */
export function fold(text) {
  return text
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(FANCY, (sign) => PLAIN[sign]);
}

/** Everybody in the release, as the index lists them. */
export async function loadPeople(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const index = await answer.json();
  const at = (list, place) => (place < 0 ? null : list[place]);
  return index.people.map(([id, name, country, group, party, term, picture, official]) => {
    const person = {
      id,
      name,
      official,
      term,
      country: at(index.countries, country),
      group: at(index.groups, group),
      party: at(index.parties, party),
      picture: picture === 0 ? null : picture === 1 ? `package/portraits/${id}.jpg` : `pictures/${id}-${picture}.jpg`,
    };
    person.key = fold([name, official, person.party].filter(Boolean).join(" "));
    return person;
  });
}

/** Whether every word of a query is the beginning of a word, or a number is the person's. */
export function matches(person, words) {
  return words.every((word) => ` ${person.key}`.includes(` ${word}`) || inside(person.key, word) || String(person.id) === word);
}

function inside(key, word) {
  return word.length > 2 && key.includes(word);
}

/** A query as folded words. */
export function wordsOf(query) {
  return fold(query).split(/\s+/).filter(Boolean);
}
