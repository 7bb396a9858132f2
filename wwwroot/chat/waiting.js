// @ts-check
// In the place of a reply whose first word has not come: that it is on its way, or that its model is being loaded first, and for how long.

import { fill, h } from '../dom.js';
import { percent } from '../format.js';
import { t } from '../i18n/i18n.js';
import { Elapsed } from '../model-manager/elapsed.js';
import { store } from '../store.js';

/** @param {() => string} model which is asked @param {AbortSignal} signal ends it */
export function waiting(model, signal) {
  const words = h('span', { role: 'status' }), share = h('span', { 'aria-hidden': 'true' }); // a share is not read aloud: it changes all the time
  let since = 0;
  store.watch(['loading'], ({ loading }) => {
    const isAsked = loading?.name === model();
    if ((isAsked ? loading.since : 0) !== since) fill(words, isAsked && [t('chat.modelLoads', { name: loading.name }), ' ', new Elapsed(loading.since).element]);
    since = isAsked ? loading.since : 0;
    fill(share, isAsked && loading.share !== null && percent(Math.floor(loading.share * 100) / 100));
  }, signal);
  return h('div', { class: 'model-wait' }, h('div', { class: 'thinking', role: 'img', 'aria-label': t('chat.thinking') }, h('i'), h('i'), h('i')), words, share);
}
