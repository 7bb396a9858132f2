// @ts-check
// What an empty chat shows: things that the starter model knows, and how teaching works.

import { h, icon } from '../dom.js';
import { t } from '../i18n/i18n.js';

/** @type {('try.capital' | 'try.sum' | 'try.polite' | 'try.json')[]} */
const SUGGESTIONS = ['try.capital', 'try.sum', 'try.polite', 'try.json'];

/** @param {(text: string) => void} choose puts a suggestion into the composer */
export function welcome(choose) {
  return h('section', { class: 'welcome' },
    h('h2', {}, t('welcome.title')),
    h('ul', { class: 'suggestions' }, SUGGESTIONS.map((key) =>
      h('li', {}, h('button', { type: 'button', class: 'suggestion', onclick: () => choose(t(key)) }, t(key))))),
    h('p', { class: 'teaching' }, icon('up'), h('span', {}, t('welcome.teaching'))));
}
