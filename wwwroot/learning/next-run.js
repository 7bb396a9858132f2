// @ts-check
// What waits for the next run, why it has not started, and the button that starts it.

import { api } from '../api.js';
import { chats } from '../chat/chats.js';
import { fill, h, set } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { refreshLearning } from '../live.js';
import { questionOf } from './dataset/example-words.js';
import { canStart, whyNotYet } from './words.js';

export class NextRun {
  #count = h('p', { class: 'count' });
  #why = h('p', { class: 'why', role: 'status' });
  #automatic = h('input', { type: 'checkbox', role: 'switch', onchange: () => void this.#switch() });
  #contradictions = h('p', { class: 'why' });
  #again = h('button', { type: 'button', class: 'button small', onclick: () => void this.#askAgain() }, t('next.ask'));
  #problem = h('p', { class: 'error', role: 'alert' });
  #button = h('button', { type: 'button', class: 'button primary', onclick: () => void this.#start() }, t('next.start'));
  element = h('section', { class: 'card next', 'aria-labelledby': 'next-title' },
    h('div', { class: 'card-head' }, h('h2', { id: 'next-title' }, t('next.title')), this.#button),
    this.#count, this.#why, h('label', { class: 'check' }, this.#automatic, h('span', {}, t('next.automatic'))), this.#contradictions, this.#again, this.#problem);

  /** @param {import('../api.js').Training} training */
  update(training) {
    const { waiting } = training;
    fill(this.#count, h('strong', {}, waiting.new), ' ', t('next.count', { count: waiting.new }),
      waiting.examples > waiting.new && h('span', { class: 'in-all' }, t('next.inAll', { count: waiting.examples })),
      waiting.unwanted > 0 && h('span', { class: 'in-all' }, t('next.unwanted', { count: waiting.unwanted })));
    const known = whyNotYet(training), why = known ?? training.policy.reason;
    if (this.#why.textContent !== why) this.#why.textContent = why;
    set(this.#why, 'lang', known === null ? 'en' : null);
    this.#contradictions.hidden = !waiting.contradictions;
    fill(this.#contradictions, waiting.contradictions ? t('next.contradictions', { count: waiting.contradictions }) : '');
    this.#automatic.checked = training.policy.enabled;
    this.#button.disabled = !canStart(training);
    this.#again.hidden = training.policy.reason_code.code !== 'nothing_new'; // all of it is learned: time to see
  }

  async #switch() {
    try {
      await api.changeTraining({ automatic: this.#automatic.checked });
      fill(this.#problem);
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
    await refreshLearning();
  }

  /** Asks the question that was taught last. */
  async #askAgain() {
    try {
      const { data } = await api.listExamples({ status: 'accepted' });
      const question = data.length > 0 ? questionOf(data[0].messages) : '';
      if (question === '') return location.assign('#/');
      const chat = chats.create();
      void chat.send(question);
      location.hash = `#/chat/${chat.id}`;
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }

  async #start() {
    this.#button.disabled = true;
    try {
      await api.startTraining();
      fill(this.#problem);
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
    await refreshLearning();
  }
}
