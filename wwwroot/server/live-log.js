// @ts-check
// What the server has just done, line by line. Never what anybody wrote.

import { api } from '../api.js';
import { h } from '../dom.js';
import { language, t } from '../i18n/i18n.js';
import { poll } from './poll.js';

const PAUSE_MS = 2000;
const MOST_LINES = 500;

export class LiveLog {
  #lines = h('ol', { class: 'log', tabindex: 0, 'aria-labelledby': 'log-title', lang: 'en' });
  element = h('section', { 'aria-labelledby': 'log-title' }, h('h2', { id: 'log-title' }, t('log')), h('p', { class: 'quiet' }, t('log.about')), this.#lines);
  #last = 0;

  /** @param {AbortSignal} signal */
  constructor(signal) {
    void poll(() => this.#read(), PAUSE_MS, signal);
  }

  async #read() {
    const page = await api.readLog(this.#last).catch(() => null);
    if (!page || page.data.length === 0) return;
    const list = this.#lines;
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 30; // whoever has scrolled up reads on in peace
    list.append(...page.data.map(({ time, level, source, message }) => h('li', { class: level },
      h('time', {}, new Date(time).toLocaleTimeString(language())), ' ', h('span', { class: 'source' }, source), ' ', level === 'warning' || level === 'error' || level === 'critical' ? h('strong', {}, `${level} `) : null, message)));
    while (list.childElementCount > MOST_LINES) list.firstElementChild?.remove();
    this.#last = page.data.at(-1)?.id ?? this.#last;
    if (isAtEnd) list.scrollTop = list.scrollHeight;
  }
}
