// @ts-check
// Two replies side by side, nameless, and the choice between them.

import { versionName } from '../chat/reply-view.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { CHOICES } from './comparison.js';
import { Pane } from './pane.js';

/** @typedef {import('./comparison.js').Comparison} Comparison */

export class ComparisonView {
  #verdict = h('div', { class: 'verdicts', role: 'group', 'aria-label': t('compare.which') });
  #problem = h('p', { class: 'error', role: 'alert' });
  #panes;

  /**
   * @param {Comparison} comparison
   * @param {{ instead?: HTMLElement[], after?: HTMLElement[] }} ways what may be done instead of choosing, and after it
   */
  constructor(comparison, { instead = [], after = [] }) {
    this.comparison = comparison;
    this.#panes = comparison.replies.map((reply, i) => new Pane(reply, t(i === 0 ? 'compare.first' : 'compare.second')));
    this.element = h('section', { class: 'comparison', 'aria-label': t('compare.two') }, h('div', { class: 'panes' }, this.#panes.map((pane) => pane.element)), this.#problem, this.#verdict);
    comparison.addEventListener('grew', (event) => this.#panes.find(({ reply }) => reply === /** @type {CustomEvent} */ (event).detail)?.update());
    comparison.addEventListener('settled', () => this.#offer(instead));
    comparison.addEventListener('chosen', () => this.#reveal(after));
    if (comparison.isOver) this.#offer(instead);
  }

  /** @param {HTMLElement[]} instead */
  #offer(instead) {
    fill(this.#verdict, this.comparison.isWhole && CHOICES.map((choice) => h('button', { type: 'button', class: 'button', onclick: () => void this.#choose(choice) }, t(`compare.choose.${choice}`))), instead);
  }

  /** @param {HTMLElement[]} after */
  #reveal(after) {
    const { choice, replies } = this.comparison;
    this.#panes.forEach((pane, i) => pane.reveal(choice === 'both' || choice === CHOICES[i]));
    fill(this.#verdict, h('p', { tabindex: -1 }, whoWasWho(replies)), after);
    this.#verdict.querySelector('p')?.focus();
  }

  /** @param {import('./comparison.js').Choice} choice */
  async #choose(choice) {
    const buttons = this.#verdict.querySelectorAll('button');
    for (const button of buttons) button.disabled = true; // one choice
    try {
      fill(this.#problem);
      await this.comparison.choose(choice);
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
      for (const button of buttons) button.disabled = false;
    }
  }
}

/** @param {import('../chat/message.js').Message[]} replies */
export function whoWasWho(replies) {
  const [first, second] = replies.map(({ version }) => versionName(version));
  return t('compare.revealed', { first, second });
}
