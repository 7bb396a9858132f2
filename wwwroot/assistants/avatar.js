// @ts-check

import { h } from '../dom.js';

const HUES = 12;

/** A letter in a circle, whose colour comes from the id. @param {Pick<import('../api.js').Assistant, 'id' | 'avatar'>} assistant */
export function avatar({ id, avatar: letter }) {
  const hue = [...id].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 997, 7) % HUES;
  const element = h('span', { class: 'avatar', 'aria-hidden': 'true', 'data-letter': letter }); // drawn by the style sheet: it is no part of a button's words
  element.style.setProperty('--hue', String(hue * (360 / HUES))); // an attribute is against the content security policy
  return element;
}
