// @ts-check
// How much of the model's context the chat takes. Nothing ends when it is full: the oldest turns are folded.

import { api } from '../api.js';
import { fill, h, set } from '../dom.js';
import { t } from '../i18n/i18n.js';

export class ContextMeter {
  #meter = h('meter', { min: 0, 'aria-hidden': true });
  #words = h('span');
  element = h('p', { class: 'context-meter', hidden: true, title: t('context.title') }, this.#meter, this.#words);
  /** By model: tokens of its context. @type {Map<string, number>} */
  #rooms = new Map();

  /** @param {import('./chat.js').Chat} chat */
  constructor(chat) {
    this.chat = chat;
  }

  draw() {
    const used = this.chat.messages.findLast(({ tokens }) => tokens !== null)?.tokens ?? null;
    const room = this.#rooms.get(this.chat.options.model);
    this.element.hidden = used === null || !room;
    if (used !== null && room === undefined) void this.#read();
    if (used === null || !room) return;
    set(this.#meter, 'max', room);
    set(this.#meter, 'value', Math.min(used, room));
    fill(this.#words, t('context.used', { used, room }));
  }

  async #read() {
    const { model } = this.chat.options;
    this.#rooms.set(model, 0); // asked for once
    const { data } = await api.listModels().catch(() => ({ data: [] }));
    this.#rooms.set(model, data.find(({ id }) => id === model)?.context_length ?? 0);
    if (this.#rooms.get(model)) this.draw();
  }
}
