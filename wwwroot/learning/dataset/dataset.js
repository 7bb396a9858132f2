// @ts-check
// The examples that the next training would learn from, and those that are kept aside: looked at, changed, brought in and taken out.

import { api, of } from '../../api.js';
import { fill, h, icon, set } from '../../dom.js';
import { download } from '../../download.js';
import { explain } from '../../errors.js';
import { t } from '../../i18n/i18n.js';
import { refreshLearning } from '../../live.js';
import { importFile } from '../../import/import-dialog.js';
import { menuButton } from '../../shell/menu.js';
import { ExampleView } from './example-view.js';
import { Imports } from './imports.js';

/** @typedef {import('../../api.js').Example} Example */

const TYPING_PAUSE_MS = 250;
const FILTERS = /** @type {const} */ (['all', 'accepted', 'unwanted', 'excluded']);

export class Dataset {
  /** @type {typeof FILTERS[number]} */
  #filter = 'all';
  #filters = FILTERS.map((filter) => h('button', { type: 'button', class: 'button small', 'aria-pressed': filter === this.#filter, onclick: () => this.#choose(filter) }, t(`dataset.${filter}`)));
  #typing = 0;
  #search = h('input', {
    type: 'search', placeholder: t('dataset.search'), 'aria-label': t('dataset.search'), autocomplete: 'off',
    oninput: () => { clearTimeout(this.#typing); this.#typing = setTimeout(() => void this.read(), TYPING_PAUSE_MS); },
  });
  #menu = menuButton(t('dataset.menu'), () => [
    { text: t('dataset.import'), icon: 'upload', act: () => void importFile({ want: 'examples' }) },
    { text: t('dataset.export'), icon: 'download', act: () => void this.#save(of('/api/dataset/export'), 'dataset.jsonl') },
    { text: t('dataset.exportPairs'), icon: 'download', act: () => void this.#save(of('/api/preferences/export'), 'preferences.jsonl') },
  ]);
  #imports = new Imports(() => { void this.read(); void refreshLearning(); });
  #problem = h('p', { class: 'error', role: 'alert' });
  #list = h('ul', { class: 'examples' });
  #more = h('button', { type: 'button', class: 'button small', hidden: true, onclick: () => void this.read(this.#last) }, t('history.more'));
  element = h('section', { class: 'dataset', 'aria-labelledby': 'dataset-title' },
    h('div', { class: 'card-head' }, h('h2', { id: 'dataset-title' }, t('dataset')), h('div', {}, this.#menu.button, this.#menu.menu)),
    h('p', { class: 'quiet' }, t('dataset.about')),
    h('div', { class: 'dataset-tools' },
      h('div', { class: 'filters', role: 'group', 'aria-label': t('dataset.filter') }, this.#filters),
      h('div', { class: 'search' }, icon('search'), this.#search)),
    this.#imports.element,
    this.#problem, this.#list, this.#more);
  #request = new AbortController();
  /** @type {string | undefined} */
  #last;
  /** @type {string | null} */
  #ended = null;

  constructor() {
    void this.read();
    void this.#readImports();
  }

  /** A training that ends has used examples: who used them is read again. @param {import('../../api.js').Training} training */
  update({ runs }) {
    const ended = runs.filter(({ finished_at }) => finished_at).map(({ id }) => id).join(' ');
    if (this.#ended !== null && this.#ended !== ended) void this.read();
    this.#ended = ended;
  }

  /** @param {string} [after] goes on behind this example; without it from the beginning */
  async read(after) {
    this.#request.abort(); // an older search must not answer after a newer one
    const { signal } = this.#request = new AbortController();
    try {
      const page = await api.listExamples({ status: this.#filter === 'all' ? undefined : this.#filter, q: this.#search.value.trim(), from: this.#imports.chosen, after, signal });
      const rows = page.data.map((example) => new ExampleView(example, () => { void refreshLearning(); void this.#readImports(); }).element);
      if (after) this.#list.append(...rows);
      else fill(this.#list, rows.length > 0 ? rows : h('li', { class: 'quiet none' }, t(this.#search.value.trim() === '' && !this.#imports.chosen ? `dataset.none.${this.#filter}` : 'dataset.nothing')));
      this.#last = page.last_id ?? undefined;
      this.#more.hidden = !page.has_more;
      fill(this.#problem);
    } catch (error) {
      if (!signal.aborted) fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }

  /** @param {typeof FILTERS[number]} filter */
  #choose(filter) {
    this.#filter = filter;
    FILTERS.forEach((name, i) => set(this.#filters[i], 'aria-pressed', name === filter));
    void this.read();
  }

  /** Something has come from elsewhere. */
  async reload() {
    await Promise.all([this.read(), this.#readImports()]);
  }

  async #readImports() {
    try {
      await this.#imports.read();
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }

  /** @param {string} path @param {string} name */
  async #save(path, name) {
    try {
      await download(path, name);
      fill(this.#problem);
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }
}
