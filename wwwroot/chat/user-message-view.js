// @ts-check
// One question: the user's words as typed. Edited, it is asked anew in a branch of its own.

import { copyButton } from '../copy.js';
import { fill, h, icon, set } from '../dom.js';
import { chip, nameOf } from '../documents/library.js';
import { t } from '../i18n/i18n.js';
import { growToContent } from './grow.js';
import { Pager } from './pager.js';

export class UserMessageView {
  #button = h('button', { type: 'button', class: 'icon-button', 'aria-label': t('question.edit'), title: t('question.edit'), onclick: () => this.edit() }, icon('pencil'));
  #body = h('div', { class: 'question' });

  /**
   * @param {import('./chat.js').Chat} chat
   * @param {import('./message.js').Message} message
   */
  constructor(chat, message) {
    this.chat = chat;
    this.message = message;
    this.pager = new Pager(chat, message);
    this.element = h('article', { class: 'message user', 'aria-label': t('chat.you') }, this.#body,
      h('footer', { class: 'question-footer' }, this.pager.element, h('div', { class: 'actions' }, copyButton(() => message.content), this.#button)));
    this.#showText();
  }

  update() {
    this.pager.draw();
    this.#button.disabled = this.chat.isBusy;
  }

  #showText() {
    this.element.classList.remove('editing');
    const { content, documents } = this.message;
    fill(this.#body, documents.length > 0 && h('p', { class: 'asked-with', 'aria-label': t('documents.ofMessage'), role: 'group' }, documents.map((id) => chip(id))), h('div', { class: 'bubble', dir: 'auto' }, content));
  }

  /** Opens the editor in the place of the text. */
  edit() {
    const { chat, message } = this;
    let documents = message.documents;
    const attached = h('p', { class: 'asked-with' });
    const draw = () => fill(attached, documents.map((id) => chip(id, detach(id))));
    const text = h('textarea', { rows: 2, dir: 'auto', 'aria-label': t('question.label'), onkeydown: (/** @type {KeyboardEvent} */ event) => key(event) });
    const send = () => {
      if (text.value.trim() === '' || chat.isBusy) return;
      this.#showText();
      void chat.edit(message, text.value, documents);
    };
    const cancel = () => {
      this.#showText();
      this.#button.focus();
    };
    draw();
    this.element.classList.add('editing');
    fill(this.#body, h('form', { class: 'better', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); send(); } }, attached, text,
      h('p', { class: 'hint' }, t('question.hint')),
      h('div', { class: 'buttons' }, h('button', { type: 'submit', class: 'button primary' }, t('composer.send')), h('button', { type: 'button', class: 'button', onclick: cancel }, t('cancel')))));
    text.value = message.content;
    growToContent(text);
    text.focus();

    /** @param {string} id */
    function detach(id) {
      const button = h('button', { type: 'button', class: 'icon-button small', onclick: () => { documents = documents.filter((other) => other !== id); draw(); text.focus(); } }, icon('close'));
      void nameOf(id).then((name) => set(button, 'aria-label', t('documents.detach', { name })));
      return button;
    }

    /** @param {KeyboardEvent} event */
    function key(event) {
      if (event.key === 'Escape') cancel();
      else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }
  }
}
