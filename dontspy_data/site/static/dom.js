// Making elements of a page and shapes of a drawing.

const SVG = "http://www.w3.org/2000/svg";

/** An element with a class and a text, if they are given. */
export function element(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== "") made.textContent = text;
  return made;
}

/** A shape of an SVG drawing with its attributes. */
export function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
