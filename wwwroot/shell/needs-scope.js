// @ts-check
// In the place of what this page's key may not see: which scope it takes, and the way to another key.

import { h, icon } from '../dom.js';
import { t } from '../i18n/i18n.js';
import { store } from '../store.js';
import { changeKey } from './key.js';

/** @param {'train' | 'admin'} scope */
export function needsScope(scope) {
  const key = store.state.access?.key ?? '';
  return h('div', { class: 'notice needs' }, icon('key'), h('p', {}, t(`access.${scope}`, { key })),
    h('button', { type: 'button', class: 'button small', onclick: () => void changeKey() }, t('key.change')));
}
