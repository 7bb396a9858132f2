// @ts-check
// "Shall I remember this?": under a reply that came when the user had said how the one before should have been. Nothing is remembered without a yes.

import { api } from '../api.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { refreshLearning } from '../live.js';

export class FollowUpView {
  element = h('div', { class: 'follow-up', 'data-needs': 'rate', role: 'status' });
  /** @type {import('../api.js').FollowUp | null} */
  #drawn = null;

  /** @param {import('./message.js').Message} message */
  constructor(message) {
    this.message = message;
  }

  draw() {
    const { followUp } = this.message;
    if (followUp === this.#drawn) return;
    this.#drawn = followUp;
    fill(this.element, followUp && (followUp.example_id === null ? this.#question(followUp) : [t('followUp.remembered'), ' ', h('a', { href: '#/learning', 'data-needs': 'train' }, t('rate.learn'))]));
  }

  /** @param {import('../api.js').FollowUp} followUp */
  #question(followUp) {
    return [
      h('p', { title: t('followUp.title', { question: followUp.question ?? '' }) }, t('followUp.ask')),
      h('button', { type: 'button', class: 'button small', onclick: () => void this.#remember() }, t('followUp.yes')),
      h('button', { type: 'button', class: 'button small', onclick: () => { this.message.followUp = null; this.draw(); } }, t('followUp.no')),
    ];
  }

  async #remember() {
    try {
      this.message.followUp = await api.rememberFollowUp(this.message.completionId ?? '');
      this.draw();
      void refreshLearning(); // what waits is another
    } catch (error) {
      fill(this.element, h('span', { class: 'error' }, explain(/** @type {Error} */ (error))));
    }
  }
}
