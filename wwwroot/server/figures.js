// @ts-check
// How fast the engine reads and writes, how much memory it takes, what it is doing.

import { api } from '../api.js';
import { fill, h } from '../dom.js';
import { bytes, number, percent } from '../format.js';
import { t } from '../i18n/i18n.js';
import { digest, parseMetrics } from './metrics.js';
import { poll } from './poll.js';

const PAUSE_MS = 2000;

export class Figures {
  #figures = h('dl', { class: 'figures' });
  element = h('section', { class: 'card', 'aria-labelledby': 'figures-title' }, h('h2', { id: 'figures-title' }, t('figures.title')), this.#figures);
  /** @type {import('./metrics.js').Metrics} */
  #before = {};

  /** @param {AbortSignal} signal */
  constructor(signal) {
    void poll(() => this.#read(), PAUSE_MS, signal);
  }

  async #read() {
    const text = await api.metrics().catch(() => null);
    if (text === null) return; // the top of the page says that the server is away
    const now = parseMetrics(text);
    const { writing, reading, firstToken, running, waiting, cache, engineMemory, gatewayMemory } = digest(this.#before, now);
    this.#before = now;
    const figure = (/** @type {string} */ label, /** @type {number | null} */ value, /** @type {(value: number) => string} */ show) =>
      h('div', {}, h('dt', {}, label), h('dd', {}, value === null ? '–' : show(value)));
    fill(this.#figures,
      figure(t('figures.writing'), writing, (value) => t('figures.perSecond', { tokens: number(value) })),
      figure(t('figures.reading'), reading, (value) => t('figures.perSecond', { tokens: number(value) })),
      figure(t('figures.firstToken'), firstToken, (value) => t('figures.seconds', { seconds: number(value, value < 1 ? 2 : 1) })),
      figure(t('figures.running'), running, (value) => (waiting ? t('figures.runningWaiting', { running: number(value), waiting: number(waiting) }) : number(value))),
      figure(t('figures.cache'), cache, percent),
      figure(t('figures.engineMemory'), engineMemory, bytes),
      figure(t('figures.gatewayMemory'), gatewayMemory, bytes));
  }
}
