// @ts-check
// The rows of one job: how far it is, and each row to be accepted, edited or dropped.

import { api } from '../../api.js';
import { fill, h, icon, set } from '../../dom.js';
import { explain } from '../../errors.js';
import { t } from '../../i18n/i18n.js';
import { confirm } from '../../shell/dialog.js';
import { importRows } from './import-rows.js';
import { RowView } from './row-view.js';

/** @typedef {import('../../api.js').Synthesis} Synthesis */
/** @typedef {import('../../api.js').SyntheticRow} Row */

const FILTERS = /** @type {const} */ (['open', 'accepted', 'dropped']);

export class Review {
  /** @type {typeof FILTERS[number]} */
  #filter = 'open';
  #filters = FILTERS.map((filter) => h('button', { type: 'button', class: 'button small', 'aria-pressed': filter === this.#filter, onclick: () => this.#choose(filter) }));
  #state = h('p', { role: 'status' });
  #progress = h('progress', { 'aria-label': t('rows.progress') });
  #problem = h('p', { class: 'error', role: 'alert' });
  #cancel = button('rows.cancel', () => this.#attempt(() => api.cancelSynthesis(this.job.id)));
  #delete = button('rows.delete', () => this.#remove(), 'trash');
  #acceptAll = button('rows.acceptAll', () => this.#attempt(async () => { await api.changeRows(this.job.id, 'accepted'); await this.#choose('accepted'); }), 'check');
  #import = button('rows.import', () => this.#bringIn(), 'learn');
  #list = h('ul', { class: 'synthetic-rows' });
  #more = h('button', { type: 'button', class: 'button small', hidden: true, onclick: () => void this.#attempt(() => this.#read(this.#last)) }, t('history.more'));
  element = h('section', { class: 'review', 'aria-label': t('rows.review') },
    h('div', { class: 'card' }, this.#state, this.#progress, this.#problem, h('div', { class: 'buttons' }, this.#import, this.#acceptAll, this.#cancel, this.#delete)),
    h('div', { class: 'filters', role: 'group', 'aria-label': t('rows.filter') }, this.#filters), this.#list, this.#more);
  /** @type {string | undefined} */
  #last;

  /** @param {Synthesis} job @param {() => void} removed it was deleted */
  constructor(job, removed) {
    this.job = job;
    this.removed = removed;
    this.#import.classList.add('primary');
    this.#draw();
    void this.#attempt(() => this.#read());
  }

  /** Progress of some job. @param {Synthesis} job */
  told(job) {
    if (job.id !== this.job.id) return;
    const hasMore = job.rows[this.#filter] > this.job.rows[this.#filter];
    this.job = job;
    this.#draw();
    if (hasMore && this.#more.hidden) void this.#attempt(() => this.#read(this.#last)); // what is being looked at stays where it is
  }

  #draw() {
    const { status, error, passages, done, rows } = this.job;
    const isRunning = status === 'running';
    fill(this.#state, isRunning ? t('rows.writing', { done, total: passages }) : t(`rows.${status}`, { done, total: passages, count: passages }), ' ',
      [t('rows.writer', { writer: this.job.writer }), rows.duplicates > 0 && t('rows.duplicates', { count: rows.duplicates }), rows.unusable > 0 && t('rows.unusable', { count: rows.unusable }),
        rows.imported > 0 && t('rows.imported', { count: rows.imported })].filter(Boolean).join(' '));
    this.#progress.hidden = !isRunning;
    if (passages > 0) [this.#progress.max, this.#progress.value] = [passages, done];
    this.#cancel.hidden = !isRunning;
    this.#acceptAll.hidden = rows.open === 0;
    this.#import.hidden = rows.accepted === 0;
    fill(this.#acceptAll, icon('check'), t('rows.acceptAll', { count: rows.open }));
    fill(this.#import, icon('learn'), t('rows.import', { count: rows.accepted }));
    FILTERS.forEach((filter, i) => fill(this.#filters[i], t(`rows.${filter}`, { count: rows[filter] })));
    if (error) fill(this.#problem, h('span', { lang: 'en' }, error));
  }

  /** @param {string} [after] */
  async #read(after) {
    const { id } = this.job;
    const { data, last_id, has_more } = await api.listRows(id, this.#filter, after);
    const rows = data.map((row) => new RowView(id, row, (view) => void this.#changed(view)).element);
    if (!after) fill(this.#list);
    this.#list.querySelector('.none')?.remove();
    this.#list.append(...rows);
    if (this.#list.childElementCount === 0) this.#list.append(h('li', { class: 'quiet none' }, t(this.job.status === 'running' && this.#filter === 'open' ? 'rows.none.running' : 'rows.none')));
    this.#last = last_id ?? after;
    this.#more.hidden = !has_more;
  }

  /** @param {typeof FILTERS[number]} filter */
  async #choose(filter) {
    this.#filter = filter;
    FILTERS.forEach((name, i) => set(this.#filters[i], 'aria-pressed', name === filter));
    await this.#attempt(() => this.#read());
  }

  /** A row that is another kind now leaves this list; the next one has the focus. @param {RowView} view */
  async #changed({ element, row }) {
    if (row.status !== this.#filter) {
      const next = element.nextElementSibling ?? element.previousElementSibling;
      element.remove();
      /** @type {HTMLElement} */ (next?.querySelector('.buttons button') ?? this.#filters[FILTERS.indexOf(this.#filter)]).focus();
    }
    await this.#attempt(async () => { if (this.#list.childElementCount === 0) await this.#read(); });
  }

  async #bringIn() {
    await importRows(this.job.id);
    await this.#attempt(() => this.#read());
  }

  async #remove() {
    if (!await confirm({ title: t('rows.delete'), text: t('rows.delete.text'), action: t('rows.delete') })) return;
    await this.#attempt(async () => { await api.deleteSynthesis(this.job.id); this.removed(); }, false);
  }

  /** @param {() => Promise<unknown>} work @param {boolean} [isThere] whether the job is, afterwards */
  async #attempt(work, isThere = true) {
    try {
      await work();
      if (isThere) this.job = await api.readSynthesis(this.job.id);
      fill(this.#problem);
      this.#draw();
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }
}

/** @param {Parameters<typeof t>[0]} text @param {() => Promise<void>} act @param {Parameters<typeof icon>[0]} [sign] */
function button(text, act, sign) {
  return h('button', { type: 'button', class: 'button small', onclick: () => void act() }, sign ? icon(sign) : null, t(text));
}
