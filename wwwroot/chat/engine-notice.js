// @ts-check
// Says when the model or the server is not there, and what that means for the user.

import { fill, h, icon } from '../dom.js';
import { t } from '../i18n/i18n.js';
import { store } from '../store.js';

/** @param {AbortSignal} signal */
export function engineNotice(signal) {
  const element = h('div', { class: 'engine-notice', role: 'status' });
  store.watch(['engine', 'online'], ({ engine, online }) => {
    if (!online) fill(element, h('div', { class: 'notice error' }, icon('warning'), h('p', {}, t('engine.offline'))));
    else if (engine.state === 'starting') fill(element, h('div', { class: 'notice' }, h('span', { class: 'spinner' }), h('p', {}, t('engine.starting'))));
    else if (engine.state === 'missing') fill(element, h('div', { class: 'notice' }, icon('model'), h('p', {}, t('engine.missing')), h('a', { class: 'button small', href: '#/models' }, t('engine.missing.get'))));
    else if (engine.state === 'failed') {
      fill(element, h('div', { class: 'notice error' }, icon('warning'),
        h('p', {}, t('engine.failed', { model: engine.model ?? '' })), h('a', { href: '#/learning' }, t('engine.versions'))));
    } else fill(element);
  }, signal);
  return element;
}
