// @ts-check
// Documents of a chat, or of its next message: chosen or dropped, and what is attached above the composer's text.

import { api } from '../api.js';
import { fill, h, icon, set } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { addFiles, chip, follow, nameOf, READABLE } from './library.js';

/** What holds no examples: dropped on a chat, it is attached. */
const DOCUMENTS = /\.(pdf|docx|pptx|html?|md|markdown|eml)$/i;

export class Attach {
  field = h('input', { type: 'file', multiple: true, accept: READABLE, hidden: true, onchange: () => this.#chosen() });
  element = h('div', { class: 'attached', role: 'status', hidden: true });

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
      this.chat.choose({ ...this.chat.options, documents: [...this.chat.options.documents, collection.id] });
    } catch (error) {
      this.#say(explain(/** @type {Error} */ (error)));
    } finally {
      this.field.disabled = false;
    }
  }

  #draw() {
    const { attached, options: { documents } } = this.chat;
    const focused = this.element.contains(document.activeElement) ? document.activeElement?.id : null;
    this.element.hidden = documents.length + attached.length === 0;
    fill(this.element, [...documents.map((id) => this.#chip(id, false)), ...attached.map((id) => this.#chip(id, true))]);
    if (focused) document.getElementById(focused)?.focus();
  }

  /** @param {string} id @param {boolean} isForMessage */
  #chip(id, isForMessage) {
    const scope = h('select', { id: `scope-${id}`, onchange: () => this.#move(id, !isForMessage) },
      h('option', { value: 'chat', selected: !isForMessage }, t('documents.for.chat')), h('option', { value: 'message', selected: isForMessage }, t('documents.for.message')));
    const detach = h('button', { type: 'button', class: 'icon-button small', onclick: () => this.#detach(id) }, icon('close'));
    void nameOf(id).then((name) => {
      set(scope, 'aria-label', t('documents.for', { name }));
      set(detach, 'aria-label', t('documents.detach', { name }));
    });
    return chip(id, scope, detach);
  }

  /** @param {string} id @param {boolean} toMessage whether the next message alone is looked up in it, or all from now on */
  #move(id, toMessage) {
    const { attached, options } = this.chat;
    this.chat.attached = toMessage ? [...attached, id] : attached.filter((other) => other !== id);
    this.chat.choose({ ...options, documents: toMessage ? options.documents.filter((other) => other !== id) : [...options.documents, id] });
  }

  /** The collection stays on the server; nothing is looked up in it here any more. @param {string} id */
  #detach(id) {
    const { attached, options } = this.chat;
    this.chat.attached = attached.filter((other) => other !== id);
    this.chat.choose({ ...options, documents: options.documents.filter((other) => other !== id) });
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
