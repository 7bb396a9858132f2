// @ts-check
// Two versions side by side, blind: who is preferred is a rating.

import { api } from '../api.js';
import { isAssistant } from '../assistants/current.js';
import { growToContent } from '../chat/grow.js';
import { newId } from '../chat/ids.js';
import { versionOf } from '../chat/message.js';
import { choiceName, readChoices } from '../chat/models.js';
import { versionName } from '../chat/reply-view.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { latest } from '../latest.js';
import { refreshLearning } from '../live.js';
import { Comparison } from './comparison.js';
import { ComparisonView } from './comparison-view.js';
import { tally } from './tally.js';
import { store } from '../store.js';

export class CompareView {
  #title = h('h1', { tabindex: -1 }, t('compare'));
  #models = ['one', 'other'].map((name) => h('select', { id: `compare-${name}`, onchange: () => void this.#count() }));
  #question = h('textarea', { id: 'compare-question', rows: 2, dir: 'auto', required: true, onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) });
  #ask = h('button', { type: 'submit', class: 'button primary' }, t('compare.ask'));
  #problem = h('p', { class: 'error', role: 'alert' });
  #result = h('div', { class: 'result' });
  #tally = h('p', { class: 'quiet', role: 'status' });
  element = h('div', { class: 'view compare' },
    h('header', { class: 'view-head' }, this.#title, h('p', { class: 'lead' }, t('compare.about'))),
    h('div', { class: 'view-content' },
      h('form', { class: 'card compare-form', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.#toggle(); } },
        h('div', { class: 'contestants' },
          h('div', { class: 'field' }, h('label', { for: 'compare-one' }, t('compare.one')), this.#models[0]),
          h('div', { class: 'field' }, h('label', { for: 'compare-other' }, t('compare.other')), this.#models[1])),
        h('div', { class: 'field' }, h('label', { for: 'compare-question' }, t('compare.question')), this.#question),
        h('div', { class: 'buttons' }, this.#ask),
        this.#problem, this.#tally),
      this.#result));
  /** @type {Comparison | null} */
  #comparison = null;

  /** @param {AbortSignal} signal */
  constructor(signal) {
    growToContent(this.#question);
    signal.addEventListener('abort', () => this.#comparison?.stop());
    void this.#readModels();
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  async #readModels() {
    try {
      const models = (await readChoices()).filter(({ id }) => !isAssistant(id)); // not a version: whichever is in service
      const versions = models.filter(({ id }) => id.startsWith(`${store.state.assistant}@`));
      this.#models.forEach((select, i) => {
        const chosen = versions[Math.min(i, versions.length - 1)]; // the newest and the one before, rather than a refused one; of a single one two replies
        fill(select, models.map((model) => h('option', { value: model.id, selected: model === chosen }, choiceName(model, versionName(versionOf(model.id))))));
      });
      await this.#count();
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }

  #toggle() {
    if (this.#comparison && !this.#comparison.isOver) return this.#comparison.stop();
    const question = this.#question.value.trim();
    if (question === '') return;
    const conversation = newId();
    const comparison = this.#comparison = new Comparison([this.#models[0].value, this.#models[1].value], { conversation, goesOnWith: store.state.assistant, messages: [{ role: 'user', content: question }] });
    fill(this.#problem);
    fill(this.#ask, t('composer.stop'));
    const goOn = h('a', { class: 'button small', href: `#/chat/${conversation}` }, t('compare.goOn'));
    fill(this.#result, h('h2', { class: 'asked' }, question), new ComparisonView(comparison, { after: [goOn] }).element);
    comparison.addEventListener('settled', () => fill(this.#ask, t('compare.ask')));
    comparison.addEventListener('chosen', () => { void this.#count(); void refreshLearning(); });
    void comparison.run();
  }

  /** How the two have done so far. */
  #count = latest(() => api.listPreferences().catch(() => ({ data: [] })), ({ data }) => {
    const [one, other] = this.#models.map(({ value }) => value);
    const { wins, losses } = tally(data, one, other);
    fill(this.#tally, wins + losses > 0 && one !== other && t('compare.tally', { one: versionName(versionOf(one)), other: versionName(versionOf(other)), wins, all: wins + losses }));
  });

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!this.#comparison || this.#comparison.isOver) this.#toggle();
  }
}
