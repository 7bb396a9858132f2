// @ts-check
// ‹ 2/3 ›: steps through what was said, or could have been, at the same place.

import { fill, h, icon } from '../dom.js';
import { t } from '../i18n/i18n.js';

/** @typedef {import('./message.js').Message} Message */

export class Pager {
  element = h('div', { class: 'pager', role: 'group', 'aria-label': t('pager') });
  #shown = '';

  /**
   * @param {import('./chat.js').Chat} chat
   * @param {Message} message
   */
  constructor(chat, message) {
    this.chat = chat;
    this.message = message;
  }

  /** Puts the focus on a button, or on the other one where that leads no further. @param {string} name */
  focus(name) {
    const buttons = [...this.element.querySelectorAll('button')].filter((button) => !button.disabled);
    (buttons.find((button) => button.dataset.step === name) ?? buttons[0])?.focus();
  }

  draw() {
    const { chat, message } = this;
    const siblings = chat.siblings(message);
    const at = siblings.indexOf(message);
    const shown = JSON.stringify([at, siblings.length, chat.isBusy]);
    if (shown === this.#shown) return; // the focus stays on its buttons
    this.#shown = shown;
    if (siblings.length < 2) return fill(this.element);
    const step = (/** @type {'previous' | 'next'} */ name, /** @type {number} */ to) => h('button', {
      type: 'button', class: 'icon-button', 'aria-label': t(`pager.${name}`), title: t(`pager.${name}`), 'data-step': name, disabled: chat.isBusy || !siblings[to],
      onclick: () => chat.show(siblings[to]),
    }, icon(name));
    fill(this.element, step('previous', at - 1),
      h('span', { class: 'place', 'aria-hidden': 'true' }, `${at + 1}/${siblings.length}`),
      h('span', { class: 'visually-hidden' }, t('pager.place', { at: at + 1, of: siblings.length })),
      step('next', at + 1));
  }
}
