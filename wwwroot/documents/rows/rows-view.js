// @ts-check
// Training rows from a collection: begun here, followed while a model writes them, looked at, imported.

import { api } from '../../api.js';
import { fill, h, icon } from '../../dom.js';
import { explain } from '../../errors.js';
import { dateAndTime } from '../../format.js';
import { t } from '../../i18n/i18n.js';
import { Review } from './review.js';

/** @typedef {import('../../api.js').Synthesis} Synthesis */

const DEFAULT_QUESTIONS = 2, MOST_QUESTIONS = 5, DEFAULT_PASSAGES = 100, MOST_PASSAGES = 5000;

export class RowsView {
  #title = h('h1', { tabindex: -1, dir: 'auto' }, t('rows'));
  #file = h('select', { id: 'rows-file' }, h('option', { value: '' }, t('rows.all')));
  #questions = h('input', { id: 'rows-questions', type: 'number', min: 1, max: MOST_QUESTIONS, value: DEFAULT_QUESTIONS, required: true });
  #passages = h('input', { id: 'rows-passages', type: 'number', min: 1, max: MOST_PASSAGES, value: DEFAULT_PASSAGES, required: true });
  #start = h('button', { type: 'submit', class: 'button primary' }, icon('learn'), t('rows.start'));
  #problem = h('p', { class: 'error', role: 'alert' });
  #choice = h('select', { class: 'rows-choice', 'aria-label': t('rows.choose'), onchange: () => this.#show() });
  #chosen = h('div', { class: 'rows-chosen' });
  /** @type {Synthesis[]} */
  #all = [];
  /** @type {Review | null} */
  #review = null;
  element = h('div', { class: 'view' },
    h('header', { class: 'view-head' },
      h('a', { class: 'back', href: '#/documents' }, icon('previous'), t('documents')), this.#title, h('p', { class: 'lead' }, t('rows.about'))),
    h('div', { class: 'view-content' },
      h('form', { class: 'card rows-start', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void this.#begin(); } },
        field('rows-file', t('rows.of'), this.#file), field('rows-questions', t('rows.questions'), this.#questions), field('rows-passages', t('rows.passages'), this.#passages),
        this.#start),
      this.#problem, this.#choice, this.#chosen));

  /** Of the collection that the address names. @param {AbortSignal} signal */
  constructor(signal) {
    const [collection] = /vs_\w+/.exec(location.hash) ?? [''];
    this.signal = signal;
    this.collection = collection;
    this.#choice.hidden = true;
    document.addEventListener('synthesis', (event) => this.#told(/** @type {CustomEvent<Synthesis>} */ (event).detail), { signal });
    void this.#attempt(async () => {
      const [{ name }, { data }] = await Promise.all([api.readCollection(collection), api.listCollectionFiles(collection)]);
      fill(this.#title, t('rows.from', { name: name || t('documents.unnamed') }));
      this.#file.append(...data.filter(({ status }) => status === 'completed').map(({ id, filename }) => h('option', { value: id }, filename)));
      await this.#read();
    });
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  async #begin() {
    this.#start.disabled = true;
    await this.#attempt(async () => {
      await api.startSynthesis({ vector_store_id: this.collection, file_id: this.#file.value || null, questions: Number(this.#questions.value), passages: Number(this.#passages.value) });
      await this.#read();
    });
    this.#start.disabled = false;
  }

  /** All that was begun; the newest is shown. */
  async #read() {
    this.#all = (await api.listSyntheses(this.collection)).data;
    if (this.signal.aborted) return;
    fill(this.#choice, this.#all.map(({ id, name, created_at }) => h('option', { value: id }, t('rows.one', { name, time: dateAndTime(created_at) }))));
    this.#choice.hidden = this.#all.length < 2;
    this.#show();
  }

  #show() {
    const chosen = this.#all.find(({ id }) => id === this.#choice.value);
    this.#review = chosen ? new Review(chosen, () => void this.#attempt(() => this.#read())) : null;
    fill(this.#chosen, this.#review?.element);
  }

  /** @param {Synthesis} job */
  #told(job) {
    this.#all = this.#all.map((known) => (known.id === job.id ? job : known));
    this.#review?.told(job);
  }

  /** @param {() => Promise<unknown>} work */
  async #attempt(work) {
    try {
      await work();
      fill(this.#problem);
    } catch (error) {
      if (!this.signal.aborted) fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }
}

/** @param {string} id @param {string} label @param {HTMLElement} control */
const field = (id, label, control) => h('div', { class: 'field' }, h('label', { for: id }, label), control);
