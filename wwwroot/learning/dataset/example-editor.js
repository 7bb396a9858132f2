// @ts-check
// The messages of an example, to be written anew. Who speaks stays; so does what only programs know (calls of functions).

import { h } from '../../dom.js';
import { t } from '../../i18n/i18n.js';
import { growToContent } from '../../chat/grow.js';
import { roleName } from './example-words.js';

/** @typedef {import('../../api.js').ExampleMessage} ExampleMessage */

export class ExampleEditor {
  #areas;
  element;

  /**
   * @param {ExampleMessage[]} messages
   * @param {(messages: ExampleMessage[]) => Promise<void>} save
   * @param {() => void} cancel
   */
  constructor(messages, save, cancel) {
    this.#areas = messages.map((message, i) => {
      const label = i === messages.length - 1 ? t('example.wanted') : roleName(message.role);
      const area = h('textarea', { rows: 1, dir: 'auto', 'aria-label': label });
      area.value = message.content ?? '';
      growToContent(area);
      return { message, label, area };
    });
    this.element = h('form', { class: 'example-editor', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void save(this.#read()); } },
      this.#areas.map(({ label, area }) => h('div', { class: 'field' }, h('span', { class: 'label', 'aria-hidden': 'true' }, label), area)),
      h('div', { class: 'buttons' },
        h('button', { type: 'submit', class: 'button small primary' }, t('example.save')),
        h('button', { type: 'button', class: 'button small', onclick: cancel }, t('cancel'))));
  }

  focus() {
    this.#areas.at(-1)?.area.focus();
  }

  #read() {
    return this.#areas.map(({ message, area }) => (area.value === (message.content ?? '') ? message : { ...message, content: area.value }));
  }
}
