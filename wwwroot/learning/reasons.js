// @ts-check
// Why the gate decided as it did. What this page has no words for is said in the server's own, which are English.

import { h } from '../dom.js';
import { gateReason } from './words.js';

/** @param {import('../api.js').Gate | null | undefined} gate */
export function reasonList(gate) {
  return h('ul', { class: 'reasons' }, (gate?.reasons ?? []).map((sentence, i) => {
    const words = gateReason(gate?.reason_codes?.[i]);
    return h('li', { lang: words === null ? 'en' : null }, words ?? sentence);
  }));
}
