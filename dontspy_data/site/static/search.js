// Search that forgives: accents, order, other spellings and scripts, and one wrong letter.
//
// Each word that somebody types must fit a person: the beginning of a name, the number, or what the person belongs to
// (country, group, party). Only if nobody fits so, names are compared as they sound, and with one letter wrong.

const PLAIN = {
  ł: "l", ø: "o", đ: "d", ð: "d", ß: "ss", æ: "ae", œ: "oe", þ: "th", ħ: "h", ı: "i",
  "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "‐": "-", "‑": "-", "–": "-",
};
const FANCY = new RegExp(`[${Object.keys(PLAIN).join("")}]`, "g");
const DIGRAPHS = { ä: "ae", ö: "oe", ü: "ue", ø: "oe", å: "aa", æ: "ae", œ: "oe" };
const TWO_LETTERS = new RegExp(`[${Object.keys(DIGRAPHS).join("")}]`, "g");

// Greek by ELOT 743, Cyrillic by Bulgaria's Transliteration Act of 2009 and, for other letters, by the same manner.
const LATIN = {
  α: "a", β: "v", γ: "g", δ: "d", ε: "e", ζ: "z", η: "i", θ: "th", ι: "i", κ: "k", λ: "l", μ: "m", ν: "n", ξ: "x",
  ο: "o", π: "p", ρ: "r", σ: "s", ς: "s", τ: "t", υ: "y", φ: "f", χ: "ch", ψ: "ps", ω: "o",
  а: "a", б: "b", в: "v", г: "g", д: "d", е: "e", ж: "zh", з: "z", и: "i", й: "y", к: "k", л: "l", м: "m", н: "n",
  о: "o", п: "p", р: "r", с: "s", т: "t", у: "u", ф: "f", х: "h", ц: "ts", ч: "ch", ш: "sh", щ: "sht", ъ: "a",
  ь: "y", ю: "yu", я: "ya", ы: "y", э: "e", і: "i", ѓ: "g", ќ: "k", љ: "lj", њ: "nj", ј: "j", џ: "dzh", ѕ: "dz",
};
const GREEK_PAIRS = { ου: "ou", αυ: "av", ευ: "ev", γγ: "ng", γξ: "nx", γχ: "nch" };
const PAIRS = new RegExp(Object.keys(GREEK_PAIRS).join("|"), "g");

// Spellings that sound alike in some language of the Union, most letters first.
const SOUNDS = [
  ["sch", "s"], ["tsch", "c"], ["ae", "a"], ["oe", "o"], ["ue", "u"], ["aa", "a"], ["ou", "u"], ["ph", "f"], ["th", "t"],
  ["sh", "s"], ["zh", "s"], ["ch", "c"], ["kh", "c"], ["ck", "k"], ["mp", "b"], ["nt", "d"], ["gk", "g"], ["x", "ks"],
  ["k", "c"], ["q", "c"], ["w", "v"], ["y", "i"], ["j", "i"], ["z", "s"], ["h", ""],
];
const SHORTEST_MISSPELT = 4; // letters of the longer one; among shorter words, one wrong letter is another word
const SHORTEST_JOINED = 4;

/** Text without accents and case, with plain apostrophes and hyphens; the builder's `labels.fold` does the same. */
export function fold(text) {
  return text
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(FANCY, (sign) => PLAIN[sign]);
}

/** Folded text in Latin letters. */
function latin(folded) {
  return folded.replace(PAIRS, (pair) => GREEK_PAIRS[pair]).replace(/[Ͱ-ӿ]/g, (letter) => LATIN[letter] ?? letter);
}

/** The forms of one word: as it is, and where they differ, in Latin letters and with `ue` for `ü`. */
function formsOf(word) {
  const plain = fold(word);
  const composed = word.toLowerCase().normalize("NFC");
  return [...new Set([plain, latin(plain), fold(composed.replace(TWO_LETTERS, (letter) => DIGRAPHS[letter]))])];
}

/** The words of a text: letters and digits, without apostrophes and other signs. */
function wordsIn(text) {
  return text.normalize("NFC").match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

/** A word as it sounds, roughly. */
function sound(word) {
  let text = latin(word);
  for (const [letters, instead] of SOUNDS) text = text.replaceAll(letters, instead);
  return text.replace(/(.)\1+/gu, "$1");
}

/** Whether two words differ by at most one letter: added, left out, another one, or two changed about. */
export function isNear(one, other) {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let from = 0;
  while (from < short.length && short[from] === long[from]) from += 1;
  const [rest, longer] = [short.slice(from), long.slice(from)];
  if (long.length > short.length) return rest === longer.slice(1);
  return rest.slice(1) === longer.slice(1) || (rest[0] === longer[1] && rest[1] === longer[0] && rest.slice(2) === longer.slice(2));
}

/** What a person is looked for by: the words of the names, family names marked, and the name without spaces. */
function keysOf(person) {
  person.keys ??= makeKeys(person);
  return person.keys;
}

function makeKeys({ name, official }) {
  const parts = wordsIn(name);
  const shouted = parts.filter((part) => /\p{Lu}{2,}$/u.test(part)); // "Lise MUSTERFRAU", as the Parliament prints it
  const family = new Set(shouted.length ? shouted : parts.slice(-1));
  const words = [...parts.map((part) => [part, family.has(part)]), ...wordsIn(official).map((part) => [part, true])];
  const tokens = words.flatMap(([word, isFamily]) => formsOf(word).map((text) => ({ text, isFamily })));
  const folded = parts.map((part) => latin(fold(part)));
  const joined = folded.slice(0, -1).map((_, at) => folded.slice(at).join(""));
  return { tokens, joined };
}

// How well a word fits: the smaller, the better.
const WHOLE_FAMILY = 0;
const WHOLE_NAME = 1;
const PART_FAMILY = 2;
const PART_NAME = 3;
const CALLED = 1.5; // belongs to what is called just so
const BELONGS = 5;
const BELONGED = 6;
const NEAR_WHOLE = 7;
const NEAR_PART = 8;
const NO = Infinity;

/** How well a word fits a person's names. */
function fitsName(person, word) {
  if (word.text === String(person.id)) return WHOLE_FAMILY;
  let best = NO;
  for (const { text, isFamily } of keysOf(person).tokens) {
    for (const form of word.forms) {
      if (text === form) best = Math.min(best, isFamily ? WHOLE_FAMILY : WHOLE_NAME);
      else if (text.startsWith(form)) best = Math.min(best, isFamily ? PART_FAMILY : PART_NAME);
    }
  }
  return best;
}

/** How well a word sounds like one of a person's names, or differs from it by one letter. */
function nearlyFits(person, word) {
  const exact = fitsName(person, word);
  if (exact < NO || word.text.length < SHORTEST_MISSPELT - 1) return exact;
  let best = NO;
  for (const { text } of keysOf(person).tokens) {
    if (Math.max(text.length, word.text.length) < SHORTEST_MISSPELT) continue;
    const heard = sound(text);
    if (heard === word.sound || word.forms.some((form) => isNear(form, text))) return NEAR_WHOLE;
    if (word.sound.length >= SHORTEST_MISSPELT - 1 && heard.startsWith(word.sound)) best = NEAR_PART;
    else if (isNear(word.sound, heard) && word.sound.length >= SHORTEST_MISSPELT) best = NEAR_PART;
    else if (text.length > word.text.length && word.text.length >= SHORTEST_MISSPELT && word.forms.some((form) => isNear(form, text.slice(0, form.length)))) best = NEAR_PART;
  }
  return best;
}

/** What countries, groups and parties are called, made ready once an index. */
function callsOf(index) {
  index.calls ??= {
    countries: index.countries.map(entryCalls),
    groups: index.groups.map(entryCalls),
    parties: index.parties.map(partyCalls),
  };
  return index.calls;
}

function entryCalls([code, ...others]) {
  const words = (text) => wordsIn(fold(text));
  return {
    key: code,
    code: words(code).join(""),
    codeParts: words(code),
    whole: [code, ...others].map((name) => words(name).join("")),
    parts: others.flatMap(words).filter((part) => part.length > 3),
  };
}

function partyCalls(party) {
  const parts = wordsIn(party);
  const great = parts.filter((part) => part[0] !== part[0].toLowerCase());
  const initials = [parts, great].map((some) => fold(some.map((part) => part[0]).join("")));
  return { key: party, initials, parts: parts.flatMap(formsOf) };
}

/** How well a word names a country or group: its code or name, or the beginning of a word that says something. */
function fitsEntry(calls, { text }) {
  if (text.length > 2 && calls.whole.includes(text)) return CALLED;
  const isCode = calls.code === text || (text.length > 2 && calls.codeParts.some((part) => part.startsWith(text)));
  return isCode || (text.length > 3 && calls.parts.some((part) => part.startsWith(text))) ? BELONGS : NO;
}

/** How well a word names a party: its initials, or the beginning of a word of its name. */
function fitsParty(calls, { text }) {
  const isInitials = text.length > 1 && calls.initials.some((initials) => initials.startsWith(text));
  return isInitials || (text.length > 2 && calls.parts.some((part) => part.startsWith(text))) ? BELONGS : NO;
}

/** A query's words, each with its forms, its sound, and how well it fits each country, group and party. */
function readQuery(index, query) {
  const { countries, groups, parties } = callsOf(index);
  // An apostrophe joins, so that O’Sullivan and osullivan are one word; other signs part words.
  const parts = wordsIn(query.replace(/['’‘ʼ´`&]/g, ""));
  return parts.map((part) => {
    const word = { text: fold(part), forms: formsOf(part) };
    const fits = (calls, fit) => new Map(calls.map((one) => [one.key, fit(one, word)]).filter(([, how]) => how < NO));
    return {
      ...word,
      sound: sound(word.text),
      countries: fits(countries, fitsEntry),
      groups: fits(groups, fitsEntry),
      parties: fits(parties, fitsParty),
    };
  });
}

/** How well a word says where a person belongs, or belonged. */
function fitsMembership(person, word) {
  let best = word.parties.get(person.party) ?? NO;
  for (const [fits, codes] of [[word.countries, person.countries], [word.groups, person.groups]]) {
    codes.forEach((code, place) => {
      if (fits.has(code)) best = Math.min(best, place ? BELONGED : fits.get(code));
    });
  }
  return best;
}

function worst(words, fit) {
  let most = 0;
  for (const word of words) {
    most = Math.max(most, fit(word));
    if (most === NO) break;
  }
  return most;
}

/**
 * The people whom a query finds, best first: with the same fit, those with a portrait, then those who sit now.
 * @returns {{found: object[], isNearly: boolean}} `isNearly` where nobody is spelt so
 */
export function search(index, query) {
  const words = readQuery(index, query);
  if (!words.length) return { found: index.people, isNearly: false };
  const whole = latin(words.map((word) => word.text).join(""));
  const joined = (person) => whole.length >= SHORTEST_JOINED && keysOf(person).joined.some((text) => text.startsWith(whole));
  const exactly = ranked(index.people, (person) =>
    Math.min(
      worst(words, (word) => Math.min(fitsName(person, word), fitsMembership(person, word))),
      joined(person) ? PART_FAMILY : NO,
    ),
  );
  if (exactly.length) return { found: exactly, isNearly: false };
  const nearly = ranked(index.people, (person) => worst(words, (word) => Math.min(nearlyFits(person, word), fitsMembership(person, word))));
  return { found: nearly, isNearly: nearly.length > 0 };
}

function ranked(people, fit) {
  return people
    .map((person) => ({ person, score: fit(person) }))
    .filter(({ score }) => score < NO)
    .sort((a, b) => a.score - b.score || standing(a.person) - standing(b.person) || a.person.place - b.person.place)
    .map(({ person }) => person);
}

function standing(person) {
  return (person.portrait ? 0 : 2) + (person.status === "sitting" ? 0 : 1);
}
