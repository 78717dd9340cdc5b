// Words of scripts in the language of the page, and where the site and this language begin.

const page = document.documentElement;
export const { root, home } = page.dataset;
export const lang = page.lang;
const words = lang === "en" ? {} : await load();
const plural = new Intl.PluralRules(lang);

async function load() {
  const answer = await fetch(new URL(`words/${lang}.json`, import.meta.url));
  return answer.ok ? answer.json() : {};
}

/** The text in the page's language, with values put into its `%(name)s`. */
export function _(text, values = {}) {
  return fill(words[text] ?? text, values);
}

/** One of two texts by a count, in the page's language; `%(count)s` is the count as people write it. */
export function n_(one, many, count, values = {}) {
  const forms = words[one] ?? { one, other: many };
  const form = forms[plural.select(count)] ?? forms.other ?? forms.many;
  return fill(form, { count: count.toLocaleString(lang), ...values });
}

function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);
}
