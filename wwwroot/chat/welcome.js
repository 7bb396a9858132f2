// @ts-check
// What an empty chat shows: things that the starter model knows, and how teaching works.

import { h, icon } from '../dom.js';
import { t } from '../i18n/i18n.js';

/** @type {('try.capital' | 'try.sum' | 'try.polite' | 'try.json')[]} */
const SUGGESTIONS = ['try.capital', 'try.sum', 'try.polite', 'try.json'];

/**
 * @param {boolean} isTemporary
 * @param {(text: string) => void} choose puts a suggestion into the composer
 */
export function welcome(isTemporary, choose) {
  return h('section', { class: 'welcome' },
    h('h2', {}, t('welcome.title')),
    h('ul', { class: 'suggestions' }, SUGGESTIONS.map((key) =>
      h('li', {}, h('button', { type: 'button', class: 'suggestion', onclick: () => choose(t(key)) }, t(key))))),
    h('p', { class: 'teaching' }, icon(isTemporary ? 'temporary' : 'up'), h('span', {}, t(isTemporary ? 'temporary.notice' : 'welcome.teaching'))));
}
