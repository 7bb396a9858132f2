// @ts-check
// What becomes of the thumbs: waiting examples, the run, its verdict, the versions, the dataset.

import { fill, h, icon } from '../dom.js';
import { t } from '../i18n/i18n.js';
import { may } from '../access.js';
import { refreshLearning } from '../live.js';
import { needsScope } from '../shell/needs-scope.js';
import { store } from '../store.js';
import { Dataset } from './dataset/dataset.js';
import { LiveRun } from './live-run.js';
import { NextRun } from './next-run.js';
import { Runs } from './runs.js';
import { Versions } from './versions.js';
import { isRunning } from './words.js';

export class LearningView {
  #next = new NextRun();
  #versions = new Versions();
  #runs;
  /** @type {Dataset | null} made when it is known that this key may see it */
  #dataset = null;
  #live = h('div');
  #content = h('div', { class: 'view-content learning-content' });
  /** @type {LiveRun | null} */
  #liveRun = null;
  #title = h('h1', { tabindex: -1 }, t('learning'));
  element = h('div', { class: 'view learning' }, h('header', { class: 'view-head' }, this.#title, h('p', { class: 'lead' }, t('learning.about'))), this.#content);

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.signal = signal;
    this.#runs = new Runs(signal);
    store.watch(['access', 'training', 'versions', 'learningError'], () => this.#draw(), signal);
    document.addEventListener('imported', () => void this.#dataset?.reload(), { signal });
    void refreshLearning();
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  #draw() {
    const { training, versions, learningError } = store.state;
    if (!may('train')) return fill(this.#content, needsScope('train'));
    if (learningError && !training) {
      fill(this.#content, h('div', { class: 'notice error', role: 'alert' }, icon('warning'), h('p', {}, t('learning.unreadable', { message: learningError })),
        h('button', { type: 'button', class: 'button small', onclick: () => void refreshLearning() }, icon('retry'), t('retry'))));
      return;
    }
    if (!training || !versions) {
      fill(this.#content, h('div', { class: 'skeletons', role: 'status', 'aria-label': t('loading') }, h('div', { class: 'skeleton tall' }), h('div', { class: 'skeleton tall' })));
      return;
    }
    this.#dataset ??= new Dataset();
    if (this.#next.element.parentElement === null) fill(this.#content, this.#live, this.#next.element, this.#runs.element, this.#versions.element, this.#dataset.element);

    this.#drawLive(training.run);
    this.#next.update(training);
    this.#versions.update(versions);
    this.#runs.update(training.runs);
    this.#dataset.update(training);
  }

  /** @param {import('../api.js').Run | null} run */
  #drawLive(run) {
    if (!run || !isRunning(run)) {
      this.#liveRun = null;
      fill(this.#live);
    } else if (this.#liveRun?.id === run.id) {
      this.#liveRun.update(run);
    } else {
      this.#liveRun = new LiveRun(run, this.signal);
      fill(this.#live, this.#liveRun.element);
    }
  }
}
