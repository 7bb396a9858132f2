// @ts-check
// Elements without a framework. Text only ever becomes text nodes; nothing here takes HTML.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * Creates an element: `h('button', { class: 'quiet', onclick: save, 'aria-pressed': true }, 'Save')`.
 * `on…` functions become listeners, `true` an empty attribute ('true' for aria-…), `false`, `null` and `undefined` none.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice('on'.length), value);
    else set(element, name, value);
  }
  element.append(...nodes(children));
  return element;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string | number | boolean | null | undefined} value
 */
export function set(element, name, value) {
  const isAria = name.startsWith('aria-');
  if (value === null || value === undefined || (value === false && !isAria)) element.removeAttribute(name);
  else element.setAttribute(name, value === true && !isAria ? '' : String(value));
}

/** What a button without words is called, to screen readers and under the pointer. @param {Element} element @param {string} text */
export function label(element, text) {
  set(element, 'aria-label', text);
  set(element, 'title', text);
}

/**
 * Replaces all children.
 * @param {Element} element
 * @param {...(Child | Child[])} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
}

/** @param {(Child | Child[])[]} children @returns {(Node | string)[]} */
function nodes(children) {
  return children.flat().flatMap((child) =>
    child === null || child === undefined || child === false ? [] : [child instanceof Node ? child : String(child)]);
}

/** 24-unit strokes, drawn for this page. */
const ICONS = {
  plus: 'M12 5v14M5 12h14',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4',
  menu: 'M4 7h16M4 12h16M4 17h10',
  close: 'M6 6l12 12M18 6 6 18',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  send: 'M12 19V5M6 11l6-6 6 6',
  stop: 'M8 8h8v8H8z',
  copy: 'M9 9h10v11H9zM15 9V4H5v11h4',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  up: 'M7 11v9H4v-9zM7 11l4-7.5c1.6 0 2.6 1.2 2.3 2.7L12.6 10H18c1.3 0 2.2 1.1 2 2.4l-1 6c-.2 1-1 1.6-2 1.6H7',
  down: 'M17 13V4h3v9zM17 13l-4 7.5c-1.6 0-2.6-1.2-2.3-2.7l.7-3.8H6c-1.3 0-2.2-1.1-2-2.4l1-6C5.2 4.6 6 4 7 4h10',
  pencil: 'M5 19l1-4L16.5 4.5l3 3L9 18zM14 7l3 3',
  learn: 'M4 19V5M4 19h16M7.5 14.5l3.5-4 3 2.5 5-6.5',
  settings: 'M4 8h9M19 8h1M4 16h1M11 16h9M16 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8 18.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  server: 'M4 5h16v6H4zM4 13h16v6H4zM7.5 8h.01M7.5 16h.01',
  warning: 'M12 4l9 16H3zM12 10v4M12 17h.01',
  down_arrow: 'M12 5v14M6 13l6 6 6-6',
  retry: 'M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5',
  previous: 'M14.5 6l-6 6 6 6',
  next: 'M9.5 6l6 6-6 6',
  temporary: 'M5 12a7 7 0 0 1 7-7m3.5 1A7 7 0 0 1 19 12m-1 3.5A7 7 0 0 1 12 19m-3.5-1A7 7 0 0 1 5.5 14.5M12 9v3.5l2 1.5',
  sliders: 'M6 4v6M6 14v6M12 4v2M12 10v10M18 4v9M18 17v3M4 12h4M10 8h4M16 15h4',
  download: 'M12 4v10M7.5 10l4.5 4.5 4.5-4.5M5 19h14',
  upload: 'M12 15V5M7.5 9L12 4.5 16.5 9M5 19h14',
  assistants: 'M8.5 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-3.3 2.4-5.5 6-5.5s6 2.2 6 5.5M15.5 11a3 3 0 1 0 0-6M17 14.6c2.8.5 4.5 2.5 4.5 5.4',
  compare: 'M4 5h7v14H4zM13 5h7v14h-7zM6.5 9h2M6.5 12h2M15.5 9h2',
  archive: 'M4 5h16v4H4zM5.5 9v10h13V9M10 13h4',
  pin: 'M9 4h6l-1 6 3 3.5H7L10 10zM12 13.5V20',
  folder: 'M4 6h6l2 2.5h8V18H4z',
  print: 'M7 9V4h10v5M7 17H4v-8h16v8h-3M7 14h10v6H7z',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  key: 'M8.5 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM12 12h8M17 12v3M20 12v2',
  model: 'M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9',
  tool: 'M14.5 6.5a4 4 0 0 0-5.3 5L4 16.7 7.3 20l5.2-5.2a4 4 0 0 0 5-5.3L15 12l-3-3z',
  bell: 'M6 16h12l-1.5-2V10a4.5 4.5 0 0 0-9 0v4zM10.5 19h3',
  chevron: 'M7 10l5 5 5-5',
  document: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
  attach: 'M18 11l-6.5 6.5a3.5 3.5 0 0 1-5-5L13 6a2.3 2.3 0 0 1 3.3 3.3l-6.2 6.2a1.1 1.1 0 0 1-1.6-1.6L14 8.4',
  chat: 'M5 5h14v11H11l-4 4v-4H5z',
  usage: 'M4 20h16M7 17v-6M12 17V5M17 17v-9',
  prompt: 'M6 4h12v17l-6-4-6 4zM9.5 8.5h5M9.5 12h5',
  speaker: 'M4 9.5h3.5L12 5.5v13l-4.5-4H4zM15 9a4.2 4.2 0 0 1 0 6M17.5 6.5a7.8 7.8 0 0 1 0 11',
  microphone: 'M12 3.5a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0V6A2.5 2.5 0 0 1 12 3.5zM6.5 11a5.5 5.5 0 0 0 11 0M12 16.5V20M9 20h6',
};

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}
