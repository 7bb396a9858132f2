// @ts-check
// What an empty chat shows: things that the starter model knows, and how teaching works: step by step until something has been taught.

import { may } from '../access.js';
import { FIRST } from '../api.js';
import { avatar } from '../assistants/avatar.js';
import { find } from '../assistants/current.js';
import { fill, h, icon } from '../dom.js';
import { t } from '../i18n/i18n.js';
import { store } from '../store.js';

/** @type {('try.capital' | 'try.sum' | 'try.polite' | 'try.json')[]} */
const SUGGESTIONS = ['try.capital', 'try.sum', 'try.polite', 'try.json'];

/**
 * @param {boolean} isTemporary
 * @param {(text: string) => void} choose puts a suggestion into the composer
 * @param {AbortSignal} signal
 */
export function welcome(isTemporary, choose, signal) {
  const teaching = h('div', { class: 'teaching' });
  if (isTemporary) fill(teaching, icon('temporary'), h('p', {}, t('temporary.notice')));
  else store.watch(['training', 'access'], () => fill(teaching, isNew() ? firstSteps(choose) : [icon('up'), h('p', {}, t('welcome.teaching'))]), signal);
  const head = h('div', { class: 'welcome-head' });
  store.watch(['assistants'], ({ assistant }) => fill(head, assistant === FIRST ? suggestions(choose) : introduction(assistant)), signal);
  return h('section', { class: 'welcome' }, head, teaching);
}

/** The first one is the starter, as long as nobody has made it another. @param {(text: string) => void} choose */
function suggestions(choose) {
  return [
    h('h2', {}, t('welcome.title')),
    h('ul', { class: 'suggestions' }, SUGGESTIONS.map((key) =>
      h('li', {}, h('button', { type: 'button', class: 'suggestion', onclick: () => choose(t(key)) }, t(key))))),
  ];
}

/** @param {string} assistant */
function introduction(assistant) {
  const known = find(assistant);
  return known ? [avatar(known), h('h2', {}, known.name)] : [];
}

/** Whether nothing has been taught here yet. */
export function isNew() {
  const { training } = store.state;
  return may('train') && training !== null && training.waiting.examples === 0 && training.runs.length === 0;
}

/** @param {(text: string) => void} choose */
function firstSteps(choose) {
  return h('div', {}, h('h3', {}, t('welcome.first')),
    h('ol', { class: 'steps' },
      h('li', {}, t('welcome.ask'), ' ', h('button', { type: 'button', class: 'link', onclick: () => choose(t('try.unknown')) }, t('try.unknown'))),
      h('li', {}, icon('down'), t('welcome.correct')),
      h('li', {}, icon('learn'), t('welcome.train'))));
}
