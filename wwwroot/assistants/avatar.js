// @ts-check

import { h } from '../dom.js';

const HUES = 12;

/** A letter in a circle, whose colour comes from the id. @param {Pick<import('../api.js').Assistant, 'id' | 'avatar'>} assistant */
export function avatar({ id, avatar: letter }) {
  const hue = [...id].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 997, 7) % HUES;
  return h('span', { class: 'avatar', style: `--hue: ${hue * (360 / HUES)}`, 'aria-hidden': 'true' }, letter);
}
