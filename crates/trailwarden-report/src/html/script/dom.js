// Elements made of plain text alone: nothing from a finding is ever read as markup.

/** An element with properties and children; strings become text. */
function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const badge = (word) => h("span", { class: `badge ${word}` }, word);
const number = (n) => n.toLocaleString("en");
const plural = (n, noun) => `${number(n)} ${noun}${n === 1 ? "" : "s"}`;
const choices = (options) => options.map(([value, text]) => h("option", { value }, text));
const fill = (select, options) => select.replaceChildren(...choices(options));
const group = (select, label, options) => options.length && select.append(h("optgroup", { label }, choices(options)));
