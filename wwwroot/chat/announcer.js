// @ts-check
// Reads a growing reply to screen readers sentence by sentence; announcing each token would never end.

import { fill, h } from '../dom.js';

const SENTENCE_END = /[.!?…:;](?=\s)|\n/g;

/**
 * The length of the part of `text` that ends with a whole sentence or line.
 * @param {string} text
 */
export function completeLength(text) {
  let end = 0;
  for (const match of text.matchAll(SENTENCE_END)) end = match.index + match[0].length;
  return end;
}

export class Announcer {
  element = h('div', { class: 'visually-hidden', role: 'log', 'aria-live': 'polite' });
  /** @type {unknown} */
  #message = null;
  #said = 0;

  /** @param {string} text something that happened */
  say(text) {
    fill(this.element, h('p', {}, text));
    this.#message = null;
  }

  /**
   * @param {unknown} message whose text it is; another one starts anew
   * @param {string} text all of it so far
   * @param {boolean} finished
   */
  follow(message, text, finished) {
    if (message !== this.#message) {
      fill(this.element);
      this.#message = message;
      this.#said = 0;
    }
    const end = finished ? text.length : this.#said + completeLength(text.slice(this.#said));
    const sentence = text.slice(this.#said, end).trim();
    this.#said = end;
    if (sentence !== '') this.element.append(h('p', {}, sentence));
  }
}
