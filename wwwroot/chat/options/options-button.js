// @ts-check
// In the composer: opens the options of the chat, and says which are in force.

import { fill, h, icon } from '../../dom.js';
import { language, t } from '../../i18n/i18n.js';
import { isAssistant } from '../../assistants/current.js';
import { isPlain } from './options.js';
import { askForOptions } from './options-dialog.js';

export class OptionsButton {
  element = h('button', { type: 'button', class: 'icon-button options-button', 'aria-label': t('options'), title: t('options'), onclick: () => void this.#ask() }, icon('sliders'));
  summary = h('p', { class: 'options-summary' });

  /** @param {import('../chat.js').Chat} chat */
  constructor(chat) {
    this.chat = chat;
  }

  draw() {
    const { options } = this.chat;
    this.element.classList.toggle('in-force', !isPlain(options));
    fill(this.summary, [
      isAssistant(options.model) ? null : options.model,
      options.system === '' ? null : t('options.system'),
      options.tools ? null : t('options.tools.off'),
      ...Object.entries(options.sampling).map(([name, value]) => `${t(/** @type {import('../../i18n/i18n.js').Key} */ (`options.${name}`))} ${value.toLocaleString(language(), { maximumFractionDigits: 3, useGrouping: false })}`),
    ].filter(Boolean).join(' · '));
  }

  async #ask() {
    const options = await askForOptions(this.chat.options);
    if (options) this.chat.choose(options);
  }
}
