// @ts-check
// One collection: its documents, what is being read, and what can be done with it.

import { api } from '../api.js';
import { fill, h, icon } from '../dom.js';
import { explain } from '../errors.js';
import { bytes } from '../format.js';
import { t } from '../i18n/i18n.js';
import { confirm } from '../shell/dialog.js';
import { addFiles, follow, READABLE } from './library.js';

/** @typedef {import('./library.js').Collection} Collection */

export class CollectionCard {
  #field = h('input', { type: 'file', multiple: true, accept: READABLE, 'aria-label': t('documents.add'), onchange: () => void this.add([...this.#field.files ?? []]) });
  #state = h('p', { class: 'quiet', role: 'status' });
  #problem = h('p', { class: 'error', role: 'alert' });
  #files = h('ul', { class: 'document-list' });
  #followed = false;

  /**
   * @param {Collection} collection
   * @param {AbortSignal} signal
   * @param {() => void} changed it was deleted
   */
  constructor(collection, signal, changed) {
    this.collection = collection;
    this.signal = signal;
    this.changed = changed;
    const { id, name } = collection;
    this.element = h('li', { class: 'card collection', 'data-collection': id },
      h('div', { class: 'card-head' },
        h('h2', { dir: 'auto' }, name || t('documents.unnamed')),
        h('button', { type: 'button', class: 'icon-button', 'aria-label': t('documents.delete', { name }), title: t('documents.delete', { name }), onclick: () => void this.#delete() }, icon('trash'))),
      this.#state, this.#files, this.#problem,
      h('div', { class: 'buttons' },
        h('label', { class: 'button small file-button' }, icon('upload'), t('documents.add'), this.#field),
        h('a', { class: 'button small', href: `#/documents/${id}` }, icon('chat'), t('documents.ask')),
        h('a', { class: 'button small', href: `#/documents/${id}/rows`, 'data-needs': 'train' }, icon('learn'), t('rows'))));
    void this.#follow();
  }

  /** @param {File[]} files */
  async add(files) {
    this.#field.value = '';
    await this.#attempt(async () => {
      await addFiles(this.collection.id, files, (done) => fill(this.#state, t('documents.uploading', { done, total: files.length })));
      await this.#follow();
    });
  }

  async #follow() {
    if (this.#followed) return;
    this.#followed = true;
    try {
      await follow(this.collection.id, this.signal, (collection) => {
        this.collection = collection;
        void this.#draw();
      });
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
    this.#followed = false;
  }

  async #draw() {
    const { file_counts: { total, in_progress: waiting }, usage_bytes: size, vectors } = this.collection;
    const isBeingMade = vectors.completed > 0 && vectors.completed < vectors.total;
    fill(this.#state, [t('documents.count', { count: total }), bytes(size),
      waiting > 0 ? t('documents.reading') : isBeingMade ? t('documents.vectors', { done: vectors.completed, total: vectors.total }) : ''].filter(Boolean).join(' · '));
    const { data } = await api.listCollectionFiles(this.collection.id);
    fill(this.#files, data.map((file) => h('li', {},
      icon(file.status === 'failed' ? 'warning' : 'document'), h('bdi', {}, file.filename),
      h('span', { class: 'quiet' }, file.status === 'in_progress' ? t('documents.waiting') : file.status === 'failed' ? '' : bytes(file.usage_bytes)),
      h('button', { type: 'button', class: 'icon-button small', 'aria-label': t('documents.remove', { name: file.filename }), onclick: () => void this.#remove(file.id) }, icon('close')),
      file.last_error && h('p', { class: 'error', lang: 'en' }, file.last_error.message))));
  }

  /** @param {string} file its id */
  async #remove(file) {
    await this.#attempt(async () => {
      await api.deleteDocument(file);
      await this.#follow();
      await this.#draw();
    });
  }

  async #delete() {
    const { name, id } = this.collection;
    if (!await confirm({ title: t('documents.delete', { name }), text: t('documents.delete.text'), action: t('documents.delete.action') })) return;
    await this.#attempt(async () => {
      const { data } = await api.listCollectionFiles(id);
      await api.deleteCollection(id);
      for (const file of data) await api.deleteDocument(file.id).catch(() => {}); // it may be in another one that somebody has just deleted
      this.changed();
    });
  }

  /** @param {() => Promise<unknown>} work */
  async #attempt(work) {
    try {
      await work();
      fill(this.#problem);
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }
}
