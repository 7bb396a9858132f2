// @ts-check
// The engines that run: the assistant's, and at most one beside it.

import { fill, h } from '../dom.js';
import { bytes, timeOfDay } from '../format.js';
import { t } from '../i18n/i18n.js';
import { store } from '../store.js';
import { Elapsed } from './elapsed.js';
import { factLine } from './model-words.js';

export class LoadedModels {
  #list = h('ul', { class: 'loaded-models' });
  element = h('section', { class: 'card', 'aria-labelledby': 'loaded-title' }, h('h2', { id: 'loaded-title' }, t('models.loaded')), this.#list);

  /** @param {AbortSignal} signal */
  constructor(signal) {
    store.watch(['loaded'], ({ loaded }) => fill(this.#list, (loaded ?? []).map((model) => this.#row(model))), signal);
  }

  /** @param {import('../api.js').LoadedModel} model */
  #row({ id, model, state, memory_bytes, since, ends_at }) {
    const isLoading = state === 'loading';
    return h('li', {},
      h('strong', {}, id === model ? id : `${id} (${model})`),
      isLoading
        ? h('span', { class: 'quiet' }, h('span', { class: 'spinner' }), ' ', t('models.loading'), ' ', new Elapsed(store.state.loading?.since ?? Date.now()).element)
        : h('span', { class: 'quiet' }, factLine([
          memory_bytes !== null && t('models.memory', { size: bytes(memory_bytes) }),
          since !== null && t('models.since', { time: timeOfDay(since) }),
          ends_at !== null && t('models.idleUntil', { time: timeOfDay(ends_at) }),
        ])));
  }
}
