// @ts-check
// New chat, the other views, the conversations, settings. On a phone it is a drawer.

import { fill, h, icon, set } from '../dom.js';
import { percent } from '../format.js';
import { t } from '../i18n/i18n.js';
import { isRunning } from '../learning/words.js';
import { store } from '../store.js';
import { HistoryView } from './history-view.js';
import { openSettings } from './settings.js';

export class Sidebar {
  #learning = h('a', { href: '#/learning', class: 'nav-item' });
  #temporary = h('a', { href: '#/temporary', class: 'nav-item' }, icon('temporary'), t('temporary'));
  #assistants = h('a', { href: '#/assistants', class: 'nav-item' }, icon('assistants'), t('assistants'));
  #documents = h('a', { href: '#/documents', class: 'nav-item' }, icon('document'), t('documents'));
  #compare = h('a', { href: '#/compare', class: 'nav-item' }, icon('compare'), t('compare'));
  #models = h('a', { href: '#/models', class: 'nav-item' });
  #server = h('a', { href: '#/server', class: 'nav-item' }, icon('server'), t('server'));
  #backdrop = h('div', { class: 'backdrop', onclick: () => this.close() });
  /** @type {HTMLElement | null} */
  #opener = null;

  /**
   * @param {import('./history.js').History} history
   * @param {AbortSignal} signal
   */
  constructor(history, signal) {
    this.history = new HistoryView(history, signal);
    this.panel = h('aside', { id: 'sidebar', class: 'sidebar', 'aria-label': t('sidebar'), onclick: (/** @type {Event} */ event) => this.#followed(event) },
      h('div', { class: 'brand' }, h('span', { class: 'name' }, 'FineTuneChat'),
        h('button', { type: 'button', class: 'icon-button drawer-only', 'aria-label': t('sidebar.close'), onclick: () => this.close() }, icon('close'))),
      h('div', { class: 'nav' },
        h('a', { href: '#/', class: 'nav-item new' }, icon('plus'), t('chat.new')),
        this.#temporary,
        this.#learning,
        this.#assistants,
        this.#documents,
        this.#compare,
        this.#models,
        this.#server),
      this.history.element,
      h('div', { class: 'sidebar-foot' }, h('button', { type: 'button', class: 'nav-item', onclick: () => void openSettings() }, icon('settings'), t('settings'))));
    this.element = h('div', { class: 'sidebar-frame' }, this.panel, this.#backdrop);
    matchMedia('(max-width: 800px)').addEventListener('change', () => this.close(), { signal }); // shell.css
    store.watch(['training'], ({ training }) => this.#drawLearning(training), signal);
    store.watch(['downloads'], ({ downloads }) => this.#drawModels(downloads), signal);
  }

  /** @param {{ chat: string | null, place: 'learning' | 'compare' | 'documents' | 'models' | 'assistants' | 'server' | 'temporary' | null }} where the user is */
  select({ chat, place }) {
    this.history.select(chat);
    set(this.#temporary, 'aria-current', place === 'temporary' ? 'page' : null);
    set(this.#learning, 'aria-current', place === 'learning' ? 'page' : null);
    set(this.#assistants, 'aria-current', place === 'assistants' ? 'page' : null);
    set(this.#documents, 'aria-current', place === 'documents' ? 'page' : null);
    set(this.#compare, 'aria-current', place === 'compare' ? 'page' : null);
    set(this.#models, 'aria-current', place === 'models' ? 'page' : null);
    set(this.#server, 'aria-current', place === 'server' ? 'page' : null);
  }

  get isOpen() {
    return this.element.classList.contains('open');
  }

  /** As a drawer, on small screens. @param {HTMLElement} opener gets the focus back */
  open(opener) {
    this.#opener = opener;
    this.element.classList.add('open');
    for (const other of this.#others()) other.inert = true;
    this.panel.querySelector('a')?.focus();
  }

  close() {
    if (!this.isOpen) return;
    this.element.classList.remove('open');
    for (const other of this.#others()) other.inert = false;
    this.#opener?.focus();
  }

  /** A link leads elsewhere, even to where the user is already: the drawer has done its part. @param {Event} event */
  #followed(event) {
    if (event.target instanceof Element && event.target.closest('a')) this.close();
  }

  /** @returns {HTMLElement[]} */
  #others() {
    const siblings = [...this.element.parentElement?.children ?? []];
    return siblings.filter((child) => child instanceof HTMLElement).filter((child) => child !== this.element);
  }

  /** @param {import('../api.js').Download[]} downloads */
  #drawModels(downloads) {
    const coming = downloads.filter(({ status }) => status === 'downloading');
    const share = coming.reduce((sum, { bytes }) => sum + bytes, 0) / Math.max(1, coming.reduce((sum, { total }) => sum + total, 0));
    fill(this.#models, icon('model'), t('models'),
      coming.length > 0 && h('span', { class: 'badge' }, percent(Math.floor(share * 100) / 100), h('span', { class: 'visually-hidden' }, ` ${t('models.fetchingShort')}`)));
  }

  /** @param {import('../api.js').Training | null} training */
  #drawLearning(training) {
    const running = training?.run && isRunning(training.run);
    const waiting = training?.waiting.new ?? 0;
    fill(this.#learning, icon('learn'), t('learning'),
      running ? h('span', { class: 'badge' }, h('span', { class: 'spinner' }), h('span', { class: 'visually-hidden' }, t('learning.running')))
        : waiting > 0 && h('span', { class: 'badge' }, waiting, h('span', { class: 'visually-hidden' }, ` ${t('learning.waitingShort', { count: waiting })}`)));
  }
}
