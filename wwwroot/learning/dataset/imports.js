// @ts-check
// The examples of one import: chosen here, kept aside, restored and deleted together.

import { api } from '../../api.js';
import { fill, h, icon, set } from '../../dom.js';
import { explain } from '../../errors.js';
import { dateAndTime } from '../../format.js';
import { t } from '../../i18n/i18n.js';
import { confirm } from '../../shell/dialog.js';
import { tellErased } from '../../shell/erased.js';

/** @typedef {import('../../api.js').Import} Import */

export class Imports {
  /** @type {Import[]} */
  #all = [];
  #select = h('select', { 'aria-label': t('imports.choose'), onchange: () => this.#choose() });
  #actions = h('div', { class: 'import-actions', role: 'group' });
  #problem = h('p', { class: 'error', role: 'alert' });
  element = h('div', { class: 'imports', hidden: true }, this.#select, this.#actions, this.#problem);

  /** @param {() => void} changed called when other examples are to be shown, or they have changed */
  constructor(changed) {
    this.changed = changed;
  }

  /** The chosen import's id. @returns {string | undefined} */
  get chosen() {
    return this.#select.value || undefined;
  }

  /** Reads which imports there are. */
  async read() {
    const chosen = this.#select.value;
    this.#all = (await api.listImports()).data;
    this.element.hidden = this.#all.length === 0;
    fill(this.#select, h('option', { value: '' }, t('imports.all')),
      this.#all.map(({ id, file, created_at, examples }) => h('option', { value: id }, t('imports.one', { file, time: dateAndTime(created_at), count: examples }))));
    this.#select.value = this.#all.some(({ id }) => id === chosen) ? chosen : '';
    this.#draw();
  }

  #choose() {
    this.#draw();
    this.changed();
  }

  #draw() {
    const chosen = this.#all.find(({ id }) => id === this.#select.value);
    set(this.#actions, 'aria-label', chosen ? chosen.file : null);
    fill(this.#actions, chosen ? [
      chosen.accepted > 0 && button(t('imports.exclude', { count: chosen.accepted }), () => this.#change(chosen, 'excluded')),
      chosen.excluded > 0 && button(t('imports.restore'), () => this.#change(chosen, 'accepted')),
      button(t('imports.delete'), () => this.#delete(chosen), 'trash'),
    ] : []);
  }

  /** @param {Import} chosen @param {import('../../api.js').ExampleStatus} status */
  async #change({ id }, status) {
    await this.#attempt(() => api.changeImport(id, status));
  }

  /** @param {Import} chosen */
  async #delete({ id, file, examples }) {
    if (!await confirm({ title: t('imports.delete.title', { file }), text: t('imports.delete.text', { count: examples }), action: t('history.delete') })) return;
    const erased = await this.#attempt(() => api.deleteImport(id));
    if (erased) await tellErased(file, erased);
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T | undefined>} */
  async #attempt(work) {
    try {
      const result = await work();
      fill(this.#problem);
      await this.read();
      this.changed();
      this.#select.focus();
      return result;
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
      return undefined;
    }
  }
}

/** @param {string} text @param {() => Promise<void>} act @param {Parameters<typeof icon>[0]} [sign] */
function button(text, act, sign) {
  return h('button', { type: 'button', class: 'button small', onclick: () => void act() }, sign ? icon(sign) : null, text);
}
