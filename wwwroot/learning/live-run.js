// @ts-check
// The run in progress: phase, progress, loss curve, time left, cancel.

import { api } from '../api.js';
import { fill, h, set } from '../dom.js';
import { explain } from '../errors.js';
import { number } from '../format.js';
import { t } from '../i18n/i18n.js';
import { refreshLearning } from '../live.js';
import { notifyOffer } from '../notices/notices.js';
import { Curve } from './curve.js';
import { PHASES, runAbout, timeLeft } from './words.js';

/** @typedef {import('../api.js').Run} Run */

export class LiveRun {
  #about = h('p', { class: 'lead' });
  #phases = PHASES.map((phase) => h('li', {}, t(`phase.${phase}`)));
  #bar = h('progress', { 'aria-label': t('run.progress') });
  #time = h('p', { class: 'time-left', role: 'status' });
  #figures = h('dl', { class: 'figures' });
  #problem = h('p', { class: 'error', role: 'alert' });
  #cancel = h('button', { type: 'button', class: 'button', onclick: () => void this.#stop() }, t('run.cancel'));

  /**
   * @param {Run} run
   * @param {AbortSignal} signal
   */
  constructor(run, signal) {
    this.id = run.id;
    this.curve = new Curve([], signal);
    this.element = h('section', { class: 'card live', 'aria-labelledby': 'live-title' },
      h('div', { class: 'card-head' }, h('h2', { id: 'live-title' }, t('run.title')), this.#cancel),
      this.#about,
      h('ol', { class: 'phases' }, this.#phases),
      this.#bar, this.#time, this.curve.element, this.#figures, notifyOffer(), this.#problem);
    void this.#readCurve();
    this.update(run);
  }

  /** @param {Run} run */
  update(run) {
    const at = PHASES.findIndex((phase) => phase === run.status);
    this.#phases.forEach((item, i) => {
      item.className = i < at ? 'done' : i === at ? 'now' : '';
      set(item, 'aria-current', i === at ? 'step' : null);
    });

    this.#about.textContent = runAbout(run);
    const { progress } = run;
    if (progress && run.status === 'training') {
      set(this.#bar, 'max', progress.steps);
      set(this.#bar, 'value', progress.step);
    } else set(this.#bar, 'value', null); // no share is known: the bar just shows that it works
    const time = timeLeft(run);
    if (this.#time.textContent !== time) this.#time.textContent = time;
    if (progress) this.#drawProgress(progress);
  }

  /** @param {import('../api.js').Progress} progress */
  #drawProgress(progress) {
    this.curve.add([{ step: progress.step, loss: progress.loss ?? null, val_loss: progress.val_loss ?? null }], progress.steps);
    const figure = (/** @type {string} */ label, /** @type {string | null} */ value) => value !== null && h('div', {}, h('dt', {}, label), h('dd', {}, value));
    const digits = (/** @type {number | null | undefined} */ value, /** @type {number} */ places) => (typeof value === 'number' ? number(value, places) : null);
    fill(this.#figures,
      figure(t('curve.step'), `${number(progress.step)} / ${number(progress.steps)}`),
      figure(t('curve.loss'), digits(progress.loss, 3)),
      figure(t('curve.validation'), digits(progress.val_loss, 3)),
      figure(t('run.speed'), digits(progress.tokens_per_second, 0)));
  }

  /** The part of the curve from before this view was opened. */
  async #readCurve() {
    const run = await api.readRun(this.id).catch(() => null); // without it the curve begins now
    this.curve.add(run?.curve ?? []);
  }

  async #stop() {
    this.#cancel.disabled = true;
    try {
      await api.cancelTraining();
      await refreshLearning();
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
      this.#cancel.disabled = false;
    }
  }
}
