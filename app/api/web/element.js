/**
 * Creation of elements. Data always becomes text, never markup.
 * @typedef {Node | string | number | null | undefined | false} Part
 * @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Attributes
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Returns an HTML element. Attributes that are null or false are left out; functions are listeners.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...(Part | Part[])} parts
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...parts) {
  return fill(document.createElement(tag), attributes, parts);
}

/**
 * Returns an SVG element.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...(Part | Part[])} parts
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...parts) {
  const made = /** @type {SVGElementTagNameMap[Tag]} */ (document.createElementNS(SVG, tag));
  return fill(made, attributes, parts);
}

/**
 * Sets a text only if it differs, so that the browser does not repeat the layout.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * @template {Element} Made
 * @param {Made} element
 * @param {Attributes} attributes
 * @param {(Part | Part[])[]} parts
 * @returns {Made}
 */
function fill(element, attributes, parts) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  for (const part of parts.flat()) {
    if (part !== null && part !== undefined && part !== false)
      element.append(part instanceof Node ? part : String(part));
  }
  return element;
}
