// @ts-check
// One of two replies: nameless, until a choice is made.

import { fill, h, icon } from '../dom.js';
import { versionName } from '../chat/reply-view.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { MarkdownView } from '../markdown.js';

export class Pane {
  #text = new MarkdownView();
  #body = h('div');
  #by = h('p', { class: 'by' });
  #frame = 0;

  /**
   * @param {import('../chat/message.js').Message} reply
   * @param {string} title
   */
  constructor(reply, title) {
    this.reply = reply;
    this.element = h('article', { class: 'pane', 'aria-label': title, 'aria-busy': true }, h('p', { class: 'pane-name', 'aria-hidden': 'true' }, title), this.#body, this.#by);
    this.#draw();
  }

  /** At most once per frame. */
  update() {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  /** @param {boolean} isPreferred */
  reveal(isPreferred) {
    this.element.classList.toggle('preferred', isPreferred);
    fill(this.#by, isPreferred && icon('check'), versionName(this.reply.version));
  }

  #draw() {
    this.#frame = 0;
    const { state, content, error } = this.reply;
    const isGrowing = state === 'waiting' || state === 'writing';
    this.element.ariaBusy = String(isGrowing);
    this.#text.show(content, !isGrowing);
    if (state === 'waiting') fill(this.#body, h('div', { class: 'thinking', role: 'img', 'aria-label': t('chat.thinking') }, h('i'), h('i'), h('i')));
    else if (state === 'failed') fill(this.#body, this.#text.element, h('p', { class: 'error', role: 'alert' }, explain(error)));
    else if (this.#body.firstChild !== this.#text.element) fill(this.#body, this.#text.element);
  }
}
