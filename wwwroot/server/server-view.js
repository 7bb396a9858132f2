// @ts-check
// What other programs need to know: address, key, models, examples.

import { api } from '../api.js';
import { copyButton } from '../copy.js';
import { fill, h } from '../dom.js';
import { highlight } from '../highlight.js';
import { t } from '../i18n/i18n.js';
import { apiKey } from '../preferences.js';
import { store } from '../store.js';
import { snippets } from './snippets.js';

export class ServerView {
  #title = h('h1', { tabindex: -1 }, t('server'));
  #models = h('div');
  element = h('div', { class: 'view server' },
    h('header', { class: 'view-head' }, this.#title, h('p', { class: 'lead' }, t('server.about'))),
    h('div', { class: 'view-content' }, connection(), this.#modelSection(), examples()));

  /** @param {AbortSignal} signal */
  constructor(signal) {
    store.watch(['versions'], () => void this.#readModels(), signal); // a new version is a new model id
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  #modelSection() {
    return h('section', { 'aria-labelledby': 'models-title' },
      h('h2', { id: 'models-title' }, t('server.models')), h('p', { class: 'quiet' }, t('server.models.about')), this.#models);
  }

  async #readModels() {
    try {
      const { data } = await api.listModels();
      fill(this.#models, h('ul', { class: 'model-ids' }, data.map(({ id }) => h('li', {}, h('code', {}, id), copyButton(() => id)))));
    } catch (error) {
      fill(this.#models, h('p', { class: 'error', role: 'alert' }, t('server.unreadable', { message: /** @type {Error} */ (error).message })));
    }
  }
}

const base = () => `${location.origin}/v1`;

function connection() {
  return h('section', { class: 'card', 'aria-labelledby': 'connect-title' },
    h('h2', { id: 'connect-title' }, t('server.connect')),
    h('dl', { class: 'connection' },
      h('div', {}, h('dt', {}, t('server.address')), h('dd', {}, h('code', {}, base()), copyButton(base))),
      h('div', {}, h('dt', {}, t('server.key')), h('dd', {}, t(apiKey.get() ? 'server.key.needed' : 'server.key.none')))));
}

function examples() {
  return h('section', { 'aria-labelledby': 'examples-title' },
    h('h2', { id: 'examples-title' }, t('server.examples')),
    snippets(base()).map(({ name, language, code }) => {
      const text = h('code', {}, code);
      void highlight(text, code, language);
      return h('figure', { class: 'code' }, h('figcaption', {}, h('span', {}, name), copyButton(() => code)), h('pre', { tabindex: 0 }, text));
    }));
}
