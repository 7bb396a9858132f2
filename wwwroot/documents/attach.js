// @ts-check
// Documents of a chat: chosen or dropped, and what is attached above the composer's text.

import { api } from '../api.js';
import { fill, h, icon } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { addFiles, follow, READABLE } from './library.js';

/** What holds no examples: dropped on a chat, it is attached. */
const DOCUMENTS = /\.(pdf|docx|pptx|html?|md|markdown|eml)$/i;

export class Attach {
  field = h('input', { type: 'file', multiple: true, accept: READABLE, hidden: true, onchange: () => this.#chosen() });
  element = h('div', { class: 'attached', role: 'status', hidden: true });
  /** @type {Map<string, string>} */
  #names = new Map();

  /** @param {import('../chat/chat.js').Chat} chat @param {() => void} focus to the composer @param {AbortSignal} signal */
  constructor(chat, focus, signal) {
    this.chat = chat;
    this.focus = focus;
    this.signal = signal;
    for (const event of ['options', 'messages']) chat.addEventListener(event, () => this.#draw(), { signal });
    document.addEventListener('files', (event) => {
      const files = /** @type {CustomEvent<File[]>} */ (event).detail;
      if (!files.every(({ name }) => DOCUMENTS.test(name))) return; // rows to learn from, for all that is known
      event.preventDefault();
      void this.#take(files);
    }, { signal });
    this.#draw();
  }

  /** Asks which files. */
  open() {
    this.field.click();
  }

  #chosen() {
    const files = [...this.field.files ?? []];
    this.field.value = '';
    if (files.length > 0) void this.#take(files);
  }

  /** @param {File[]} files */
  async #take(files) {
    this.field.disabled = true;
    try {
      this.#say(t('documents.uploading', { done: 0, total: files.length }));
      const collection = await api.createCollection(files.length === 1 ? files[0].name : t('documents.ofChat', { count: files.length }));
      await addFiles(collection.id, files, (done) => this.#say(t('documents.uploading', { done, total: files.length })));
      await follow(collection.id, this.signal, ({ status, file_counts: { failed } }) => {
        this.#say(status === 'in_progress' ? t('documents.reading') : failed > 0 ? t('documents.failed', { count: failed }) : '');
      });
      this.#names.set(collection.id, collection.name);
      this.chat.choose({ ...this.chat.options, documents: [...this.chat.options.documents, collection.id] });
    } catch (error) {
      this.#say(explain(/** @type {Error} */ (error)));
    } finally {
      this.field.disabled = false;
    }
  }

  #draw() {
    const { documents } = this.chat.options;
    for (const id of documents) {
      if (this.#names.has(id)) continue;
      this.#names.set(id, '…');
      api.readCollection(id).then(({ name }) => { this.#names.set(id, name); this.#draw(); }, () => {});
    }
    this.element.hidden = documents.length === 0;
    fill(this.element, documents.map((id) => h('span', { class: 'chip' }, icon('document'), h('bdi', {}, this.#names.get(id) || t('documents.unnamed')),
      h('button', { type: 'button', class: 'icon-button small', 'aria-label': t('documents.detach', { name: this.#names.get(id) ?? '' }), onclick: () => this.#detach(id) }, icon('close')))));
  }

  /** The collection stays on the server; this chat looks nothing up in it any more. @param {string} id */
  #detach(id) {
    this.chat.choose({ ...this.chat.options, documents: this.chat.options.documents.filter((other) => other !== id) });
    this.focus();
  }

  /** @param {string} text */
  #say(text) {
    this.#draw();
    if (text === '') return;
    this.element.hidden = false;
    this.element.append(h('span', { class: 'quiet' }, text));
  }
}
