// @ts-check
// Replies are untrusted: markdown becomes HTML, the HTML is sanitised, and only then it reaches the page. Formulas are drawn and sanitised after that.

import { Marked } from '/lib/marked.esm.js';
import DOMPurify from '/lib/purify.es.mjs';
import { copyButton } from './copy.js';
import { h } from './dom.js';
import { highlight } from './highlight.js';
import { drawMath } from './math/math.js';
import { mathTokens } from './math/tokens.js';

/** @param {string} text */
const escape = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Links may leave the page only like this. */
const ALLOWED_LINK = /^(?:https?:|mailto:)/i;

const marked = new Marked({
  gfm: true,
  breaks: true,
  extensions: mathTokens(escape),
  renderer: {
    // HTML that a model writes is something it shows, not something it does to the page.
    html: ({ text }) => escape(text),
    // No picture is loaded from anywhere: fetching one would tell its host what was said.
    image: ({ href, text }) => `<a href="${escape(href)}">${escape(text || href)}</a>`,
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
  },
});

const SANITISER = {
  ALLOWED_TAGS: ['p', 'br', 'hr', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'a',
    'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ALLOWED_ATTR: ['href', 'title', 'start', 'align', 'class'],
  ALLOWED_URI_REGEXP: ALLOWED_LINK,
  ADD_URI_SAFE_ATTR: ['align', 'start'], // no addresses, so the rule for links is not theirs
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: /** @type {const} */ (true),
};

/**
 * @param {string} html
 * @returns {DocumentFragment} what is harmless of it, dressed for the page
 */
export function sanitise(html) {
  const fragment = /** @type {DocumentFragment} */ (/** @type {unknown} */ (DOMPurify.sanitize(html, SANITISER)));
  for (const element of fragment.querySelectorAll('[class]')) {
    if (element.matches('code.math')) element.className = element.classList.contains('block') ? 'math block' : 'math';
    else if (!element.matches('pre > code')) element.removeAttribute('class');
  }
  for (const link of fragment.querySelectorAll('a')) {
    if (!ALLOWED_LINK.test(link.getAttribute('href') ?? '')) link.removeAttribute('href');
    link.target = '_blank';
    link.rel = 'noopener noreferrer nofollow';
  }
  return fragment;
}

/** Shows a markdown text that may still be growing; blocks that have not changed keep their elements (and the reader's selection). */
export class MarkdownView {
  element = h('div', { class: 'prose' });
  /** @type {{ raw: string, isWhole: boolean, nodes: ChildNode[] }[]} */
  #blocks = [];

  /**
   * @param {string} text the whole text so far
   * @param {boolean} finished false while more may come: then the last block is not whole yet
   */
  show(text, finished) {
    const tokens = marked.lexer(text);
    const blocks = tokens.map((token, i) => ({ token, raw: token.raw, isWhole: finished || i < tokens.length - 1 }));
    const firstChange = this.#blocks.findIndex((old, i) => old.raw !== blocks[i]?.raw || old.isWhole !== blocks[i].isWhole);
    const definesLinks = finished && Object.keys(tokens.links).length > 0; // perhaps of blocks that were shown before
    const unchanged = definesLinks ? 0 : firstChange < 0 ? this.#blocks.length : firstChange;

    for (const old of this.#blocks.splice(unchanged)) old.nodes.forEach((node) => node.remove());
    for (const { token, raw, isWhole } of blocks.slice(unchanged)) {
      const fragment = sanitise(marked.parser([token]));
      dress(fragment, isWhole);
      this.#blocks.push({ raw, isWhole, nodes: [...fragment.childNodes] });
      this.element.append(fragment);
    }
  }
}

/**
 * @param {DocumentFragment} fragment
 * @param {boolean} isWhole code is coloured once, when all of it is there
 */
function dress(fragment, isWhole) {
  for (const code of fragment.querySelectorAll('pre > code')) {
    const language = /^language-([\w+#.-]+)/.exec(code.className)?.[1] ?? '';
    code.removeAttribute('class');
    const text = code.textContent ?? '';
    const pre = /** @type {HTMLElement} */ (code.parentElement);
    pre.tabIndex = 0; // it scrolls sideways, so the keyboard must reach it
    const figure = h('figure', { class: 'code' });
    pre.replaceWith(figure);
    figure.append(h('figcaption', {}, h('span', {}, language), copyButton(() => text)), pre);
    if (isWhole && language) void highlight(code, text, language);
  }
  for (const code of fragment.querySelectorAll('code.math')) drawMath(/** @type {HTMLElement} */ (code));
  for (const heading of fragment.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    // A reply chooses its levels freely; in the page's outline they all come below the conversation's title.
    heading.replaceWith(h('h2', { 'data-level': heading.tagName.slice(1) }, ...heading.childNodes));
  }
  for (const table of fragment.querySelectorAll('table')) {
    const frame = h('div', { class: 'table', tabindex: 0 });
    table.replaceWith(frame);
    frame.append(table);
  }
  for (const code of fragment.querySelectorAll('code, figure')) code.setAttribute('dir', 'ltr'); // in every language; it says nothing about the direction of the words around it
  for (const block of fragment.children) if (!block.hasAttribute('dir')) block.setAttribute('dir', 'auto');
}

