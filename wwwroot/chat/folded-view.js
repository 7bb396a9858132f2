// @ts-check
// Before a reply: that the model did not see the oldest messages any more, and the summary that stood for them.

import { api } from '../api.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';

export class FoldedView {
  #text = h('p');
  #drawn = '';
  element = h('div', { class: 'folded' });

  /**
   * @param {import('./chat.js').Chat} chat
   * @param {import('./message.js').Message} message
   */
  constructor(chat, message) {
    this.chat = chat;
    this.message = message;
  }

  /** Where the folding is another one than before the reply before. */
  draw() {
    const { messages, isSummarised } = this.message.folded;
    const key = messages === 0 || this.#before()?.folded.messages === messages ? '' : `${messages} ${isSummarised}`;
    if (key === this.#drawn) return;
    this.#drawn = key;
    fill(this.element, key !== '' && (isSummarised
      ? h('details', { ontoggle: () => void this.#read() }, h('summary', {}, t('folded.summary', { count: messages })), this.#text)
      : h('p', {}, t('folded.drop', { count: messages }))));
  }

  /** The reply before; looked for only where something was folded: talks are long. */
  #before() {
    const { messages } = this.chat;
    return messages.slice(0, messages.indexOf(this.message)).findLast(({ role }) => role === 'assistant');
  }

  async #read() {
    if (this.#text.textContent !== '') return;
    fill(this.#text, t('loading'));
    const context = await api.readContext(this.message.completionId ?? '').catch((/** @type {Error} */ error) => error);
    fill(this.#text, context instanceof Error ? explain(context) : context.summary ?? '');
  }
}
