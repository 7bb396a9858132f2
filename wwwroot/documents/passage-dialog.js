// @ts-check
// What a source says, with what stands before and after it.

import { api } from '../api.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { show } from '../shell/dialog.js';

/** @typedef {import('./library.js').Source} Source */

/** @param {Source} source */
export async function showPassage(source) {
  const body = h('div', { class: 'passage', tabindex: 0 }, h('p', { class: 'quiet' }, t('loading')));
  const shown = show(h('dialog', { class: 'dialog wide', 'aria-labelledby': 'dialog-title' },
    h('form', { method: 'dialog' },
      h('h2', { id: 'dialog-title', dir: 'auto' }, source.filename),
      h('p', { class: 'quiet', dir: 'auto' }, whereIn(source)),
      body,
      h('div', { class: 'buttons' }, h('button', { class: 'button primary', autofocus: true }, t('close'))))));
  try {
    const { before, text, after } = await api.readPassage(source.id);
    fill(body,
      before && h('p', { class: 'beside', dir: 'auto' }, before),
      h('p', { class: 'cited', dir: 'auto' }, h('mark', {}, text)),
      after && h('p', { class: 'beside', dir: 'auto' }, after));
    body.querySelector('.cited')?.scrollIntoView({ block: 'nearest' });
  } catch (error) {
    fill(body, h('p', { class: 'error', role: 'alert' }, explain(/** @type {Error} */ (error))));
  }
  await shown;
}

/** Page and headings, for people. @param {Source} source */
export function whereIn({ place, first, last, heading }) {
  const at = place === 'none' ? '' : t(`documents.place.${place}`, { at: first === last ? first : `${first}–${last}` });
  return [at, heading].filter(Boolean).join(' · ');
}
