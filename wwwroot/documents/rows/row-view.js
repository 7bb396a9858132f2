// @ts-check
// A question with its answer and the passage that it comes from.

import { api } from '../../api.js';
import { fill, h, icon } from '../../dom.js';
import { explain } from '../../errors.js';
import { growToContent } from '../../chat/grow.js';
import { t } from '../../i18n/i18n.js';
import { whereIn } from '../passage-dialog.js';

/** @typedef {import('../../api.js').SyntheticRow} Row */

const FLAGS = /** @type {const} */ (['not_found', 'not_in_passage', 'known']);

export class RowView {
  #problem = h('p', { class: 'error', role: 'alert' });
  element = h('li', { class: 'card synthetic-row' });

  /**
   * @param {string} synthesis its job's id
   * @param {Row} row
   * @param {(view: RowView) => void} changed
   */
  constructor(synthesis, row, changed) {
    this.synthesis = synthesis;
    this.row = row;
    this.changed = changed;
    this.#draw();
  }

  #draw() {
    const { question, answer, reply, flags, status, passage } = this.row;
    this.element.dataset.row = String(this.row.id);
    fill(this.element,
      h('h2', { dir: 'auto' }, question), h('p', { class: 'answer', dir: 'auto' }, answer),
      flags.length > 0 && h('p', { class: 'tags' }, flags.map((flag) => h('span', { class: 'tag warn' }, icon('warning'), flagName(flag)))),
      reply && h('details', {}, h('summary', {}, t('rows.reply')), h('p', { dir: 'auto' }, reply)),
      h('details', {}, h('summary', {}, h('bdi', {}, passage.filename), whereIn(passage) && h('span', { class: 'quiet', dir: 'auto' }, ` ${whereIn(passage)}`)),
        h('p', { class: 'row-passage', dir: 'auto' }, passage.text)),
      this.#problem,
      h('div', { class: 'buttons' },
        status !== 'accepted' && this.#button('rows.accept', 'check', () => this.#change({ status: 'accepted' })),
        this.#button('rows.edit', 'pencil', async () => this.#edit()),
        status !== 'dropped' && this.#button('rows.drop', 'close', () => this.#change({ status: 'dropped' }))));
  }

  /** Who edits a row wants it. */
  #edit() {
    const question = area(t('rows.question'), this.row.question), answer = area(t('rows.answer'), this.row.answer);
    const done = () => { this.#draw(); /** @type {HTMLElement | null} */ (this.element.querySelector('.buttons button'))?.focus(); };
    fill(this.element, h('form', {
      class: 'example-editor',
      onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void this.#change({ question: question.control.value, answer: answer.control.value, status: 'accepted' }); },
    }, question.element, answer.element, this.#problem,
    h('div', { class: 'buttons' },
      h('button', { type: 'submit', class: 'button small primary' }, t('rows.save')),
      h('button', { type: 'button', class: 'button small', onclick: done }, t('cancel')))));
    question.control.focus();
  }

  /** @param {Parameters<typeof api.changeRow>[2]} change */
  async #change(change) {
    try {
      this.row = await api.changeRow(this.synthesis, this.row.id, change);
      fill(this.#problem);
      this.#draw();
      /** @type {HTMLElement | null} */ (this.element.querySelector('.buttons button'))?.focus();
      this.changed(this);
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }

  /** @param {'rows.accept' | 'rows.edit' | 'rows.drop'} text @param {Parameters<typeof icon>[0]} sign @param {() => Promise<void>} act */
  #button(text, sign, act) {
    return h('button', { type: 'button', class: 'button small', onclick: () => void act() }, icon(sign), t(text));
  }
}

/** @param {string} flag */
function flagName(flag) {
  const known = FLAGS.find((name) => name === flag);
  return known ? t(`rows.flag.${known}`) : flag;
}

/** @param {string} label @param {string} text */
function area(label, text) {
  const control = h('textarea', { rows: 1, dir: 'auto', required: true, 'aria-label': label });
  control.value = text;
  growToContent(control);
  return { control, element: h('div', { class: 'field' }, h('span', { class: 'label', 'aria-hidden': 'true' }, label), control) };
}
