// @ts-check
// Which column is what: asked where the names do not say it, with the first values of each.

import { h } from '../dom.js';
import { t } from '../i18n/i18n.js';

/** @typedef {import('../api-types.d.ts').DatasetColumn} Column */

/** What a column can be, as the API names it. */
export const USES = /** @type {const} */ (['prompt', 'reply', 'system', 'input', 'history', 'messages', 'chosen', 'rejected', 'label', 'tools']);

/** Enough for an example: one of these together. */
const ENOUGH = [['prompt', 'reply'], ['messages'], ['chosen', 'rejected']];

/** @param {Record<string, string>} map */
export const isEnough = (map) => ENOUGH.some((uses) => uses.every((use) => use in map));

export class ColumnMap {
  #selects;

  /**
   * @param {Column[]} columns
   * @param {() => void} changed
   */
  constructor(columns, changed) {
    this.#selects = columns.map((column) => {
      const use = column.use ?? column.guess ?? '';
      const select = h('select', { 'aria-label': t('map.use', { column: column.name }), onchange: () => { this.#onlyOnce(select); changed(); } },
        h('option', { value: '' }, t('map.none')), USES.map((value) => h('option', { value, selected: value === use }, t(`map.${value}`))));
      return { column: column.name, select };
    });
    this.element = h('div', { class: 'table column-map', tabindex: 0 }, h('table', {},
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('map.column')), h('th', { scope: 'col' }, t('map.samples')), h('th', { scope: 'col' }, t('map.is')))),
      h('tbody', {}, columns.map(({ name, samples }, i) => h('tr', {},
        h('th', { scope: 'row' }, name), h('td', {}, h('ul', {}, samples.map((sample) => h('li', {}, sample)))), h('td', {}, this.#selects[i].select))))));
  }

  /** As the API takes it. @returns {Record<string, string>} */
  get map() {
    return Object.fromEntries(this.#selects.filter(({ select }) => select.value !== '').map(({ column, select }) => [select.value, column]));
  }

  /** No two columns are the same. @param {HTMLSelectElement} chosen */
  #onlyOnce(chosen) {
    for (const { select } of this.#selects) if (select !== chosen && select.value === chosen.value) select.value = '';
  }
}
