// @ts-check
// All collections of documents.

import { api } from '../api.js';
import { fill, h, icon } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { CollectionCard } from './collection-card.js';

export class DocumentsView {
  #title = h('h1', { tabindex: -1 }, t('documents'));
  #name = h('input', { type: 'text', maxlength: 256, required: true, 'aria-label': t('documents.name'), placeholder: t('documents.name') });
  #problem = h('p', { class: 'error', role: 'alert' });
  #list = h('ul', { class: 'collections' }, h('li', { class: 'skeleton tall', role: 'status', 'aria-label': t('loading') }));
  /** @type {CollectionCard[]} */
  #cards = [];
  element = h('div', { class: 'view' },
    h('header', { class: 'view-head' }, this.#title, h('p', { class: 'lead' }, t('documents.about'))),
    h('div', { class: 'view-content' },
      h('form', { class: 'new-collection', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void this.#create(); } },
        this.#name, h('button', { type: 'submit', class: 'button primary' }, icon('plus'), t('documents.new'))),
      this.#problem, this.#list));

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.signal = signal;
    document.addEventListener('files', (event) => {
      event.preventDefault();
      void this.#take(/** @type {CustomEvent<File[]>} */ (event).detail);
    }, { signal });
    void this.#reload();
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /** What is dropped or pasted goes into the newest collection. @param {File[]} files */
  async #take(files) {
    if (this.#cards.length === 0) {
      this.#name.value = files[0].name;
      await this.#create();
    }
    await this.#cards[0]?.add(files);
  }

  async #create() {
    try {
      await api.createCollection(this.#name.value.trim());
      this.#name.value = '';
    } catch (error) {
      return fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
    await this.#reload();
  }

  async #reload() {
    try {
      const { data } = await api.listCollections();
      if (this.signal.aborted) return;
      fill(this.#problem);
      this.#cards = data.map((collection) => new CollectionCard(collection, this.signal, () => void this.#reload()));
      fill(this.#list, this.#cards.length === 0 ? h('li', { class: 'quiet' }, t('documents.none')) : this.#cards.map(({ element }) => element));
    } catch (error) {
      fill(this.#list);
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }
}
