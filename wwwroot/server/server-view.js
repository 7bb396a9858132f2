// @ts-check
// What other programs need to know (address, key, models, examples), and how the server is doing.

import { isRefused, readModels } from '../chat/models.js';
import { copyButton } from '../copy.js';
import { fill, h } from '../dom.js';
import { highlight } from '../highlight.js';
import { t } from '../i18n/i18n.js';
import { latest } from '../latest.js';
import { apiKey } from '../preferences.js';
import { may } from '../access.js';
import { needsScope } from '../shell/needs-scope.js';
import { store } from '../store.js';
import { Figures } from './figures.js';
import { Keys } from './keys.js';
import { LiveLog } from './live-log.js';
import { snippets } from './snippets.js';

export class ServerView {
  #title = h('h1', { tabindex: -1 }, t('server'));
  #models = h('div');
  #content = h('div', { class: 'view-content' });
  element = h('div', { class: 'view server' },
    h('header', { class: 'view-head' }, this.#title, h('p', { class: 'lead' }, t('server.about'))),
    this.#content);

  /** @param {AbortSignal} signal */
  constructor(signal) {
    store.watch(['access'], ({ access }) => {
      if (access === null || this.#content.hasChildNodes()) return; // known once
      const [figures, keys, log] = may('admin') ? [new Figures(signal).element, new Keys().element, new LiveLog(signal).element] : [null, needsScope('admin'), null];
      fill(this.#content, connection(), figures, this.#modelSection(), settings(), keys, examples(), log);
    }, signal);
    store.watch(['versions'], () => void this.#readModels(), signal); // a new version is a new model id
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  #modelSection() {
    return h('section', { 'aria-labelledby': 'models-title' },
      h('h2', { id: 'models-title' }, t('server.models')), h('p', { class: 'quiet' }, t('server.models.about')), this.#models);
  }

  #readModels = latest(() => readModels().catch((/** @type {Error} */ error) => error), (models) => {
    fill(this.#models, models instanceof Error
      ? h('p', { class: 'error', role: 'alert' }, t('server.unreadable', { message: models.message }))
      : h('ul', { class: 'model-ids' }, models.map((model) => h('li', {}, h('code', {}, model.id), isRefused(model) && h('span', { class: 'tag warn' }, t('versions.refused')), copyButton(() => model.id)))));
  });
}

const base = () => `${location.origin}/v1`;

function connection() {
  return h('section', { class: 'card', 'aria-labelledby': 'connect-title' },
    h('h2', { id: 'connect-title' }, t('server.connect')),
    h('dl', { class: 'connection' },
      h('div', {}, h('dt', {}, t('server.address')), h('dd', {}, h('code', {}, base()), copyButton(base))),
      h('div', {}, h('dt', {}, t('server.key')), h('dd', {}, t(apiKey.get() ? 'server.key.needed' : 'server.key.none')))));
}

/** What programs with a form for OpenAI-compatible servers ask for: LM Studio's clients, editors, chat programs. */
function settings() {
  const rows = /** @type {[string, string][]} */ ([[t('settings.kind'), 'OpenAI'], [t('server.address'), base()], [t('server.key'), apiKey.get() ? '…' : 'none'], [t('options.model'), 'assistant']]);
  return h('section', { 'aria-labelledby': 'settings-for-title' },
    h('h2', { id: 'settings-for-title' }, t('server.settings')), h('p', { class: 'quiet' }, t('server.settings.about')),
    h('div', { class: 'table settings-table', tabindex: 0 }, h('table', {}, h('tbody', {}, rows.map(([name, value]) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, h('code', {}, value), copyButton(() => value))))))));
}

function examples() {
  return h('section', { 'aria-labelledby': 'examples-title' },
    h('h2', { id: 'examples-title' }, t('server.examples')),
    snippets(base(), apiKey.get() !== null).map(({ name, language, code }) => {
      const text = h('code', {}, code);
      void highlight(text, code, language);
      return h('figure', { class: 'code' }, h('figcaption', {}, h('span', {}, name), copyButton(() => code)), h('pre', { tabindex: 0 }, text));
    }));
}
