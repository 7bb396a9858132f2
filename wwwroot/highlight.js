// @ts-check
// Colours for code, loaded when the first code block appears.

import DOMPurify from '/lib/purify.es.mjs';

/** @typedef {{ getLanguage(name: string): unknown, highlight(code: string, options: { language: string, ignoreIllegals: boolean }): { value: string } }} Highlighter */

const LIBRARY = '/lib/highlight.min.js';
const LONGEST_CODE = 50_000; // characters; beyond, colouring would be felt as a pause

/** @type {Promise<Highlighter> | undefined} */
let library;

/**
 * @param {Element} code receives the coloured text
 * @param {string} text
 * @param {string} language as the reply names it; an unknown one stays plain
 */
export async function highlight(code, text, language) {
  if (text.length > LONGEST_CODE) return;
  library ??= import(LIBRARY).then((module) => module.default);
  const highlighter = await library.catch(() => null);
  if (!highlighter?.getLanguage(language)) return;

  const { value } = highlighter.highlight(text, { language, ignoreIllegals: true });
  code.replaceChildren(DOMPurify.sanitize(value, { ALLOWED_TAGS: ['span'], ALLOWED_ATTR: ['class'], RETURN_DOM_FRAGMENT: true }));
}
