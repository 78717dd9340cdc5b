// Facets: whom they leave, and how many each further choice would leave. The builder's `explore.facets` counts alike.

export const NONE = "none";
const FAR = 10; // years

/** Each facet's codes of a person; a facet of which nothing is known has the one code `none`. */
const CODES = {
  country: (person) => person.countries,
  group: (person) => person.groups,
  term: (person) => person.terms,
  gender: (person) => [person.gender],
  status: (person) => [person.status],
};

export const FACETS = [...Object.keys(CODES), "reading"];

function codesOf(person, facet) {
  if (facet === "reading") return readingCodes(person.reading);
  const codes = CODES[facet](person).filter(Boolean);
  return codes.length ? codes : [NONE];
}

function readingCodes(reading) {
  if (!reading) return [NONE];
  const isFar = reading.errors.some((error) => Math.abs(error) > FAR);
  const codes = [reading.isMisread && "misread", isFar && "far"].filter(Boolean);
  return codes.length ? codes : [NONE];
}

/**
 * People who fit every facet: one of the codes chosen of each, any where none is chosen.
 * @param {object[]} people in their order
 * @param {Record<string, string[]>} chosen codes by facet
 * @returns {{found: object[], counts: Record<string, Map<string, number>>}} `counts` says how many would be found with
 * a code, whatever else is chosen of its own facet
 */
export function filter(people, chosen) {
  const counts = Object.fromEntries(FACETS.map((facet) => [facet, new Map()]));
  const active = FACETS.filter((facet) => chosen[facet]?.length);
  const found = [];
  for (const person of people) {
    const codes = Object.fromEntries(FACETS.map((facet) => [facet, codesOf(person, facet)]));
    const failed = active.filter((facet) => !codes[facet].some((code) => chosen[facet].includes(code)));
    if (!failed.length) found.push(person);
    if (failed.length > 1) continue;
    for (const facet of failed.length ? failed : FACETS) {
      for (const code of codes[facet]) counts[facet].set(code, (counts[facet].get(code) ?? 0) + 1);
    }
  }
  return { found, counts };
}

/** Orders of the wall; people of whom there are no ages to compare stand behind the others. */
const ORDERS = {
  old: (errors) => -mean(errors),
  young: (errors) => mean(errors),
  apart: (errors) => -(Math.max(...errors) - Math.min(...errors)),
  agree: (errors) => Math.max(...errors.map(Math.abs)),
};

export function sort(people, order) {
  const value = ORDERS[order];
  if (!value) return people;
  const least = order === "apart" ? 2 : 1; // guesses
  const known = (person) => (person.reading && person.reading.errors.length >= least ? value(person.reading.errors) : Infinity);
  return people.map((person) => [known(person), person]).sort((a, b) => compare(a[0], b[0])).map(([, person]) => person);
}

function compare(a, b) {
  return a === b ? 0 : a - b; // infinities are equal
}

function mean(numbers) {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
