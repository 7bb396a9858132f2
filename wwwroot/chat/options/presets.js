// @ts-check
// Options under a name: chosen, saved, removed.

import { api } from '../../api.js';
import { fill, h, icon } from '../../dom.js';
import { explain } from '../../errors.js';
import { t } from '../../i18n/i18n.js';
import { fromRequest, toRequest } from './options.js';

/** @typedef {import('./options.js').Options} Options */
/** @typedef {import('../../api.js').Preset} Preset */

export class Presets {
  #choice = h('select', { id: 'preset', onchange: () => this.#choose() });
  #name = h('input', { id: 'preset-name', type: 'text', dir: 'auto', maxlength: 80, 'aria-label': t('preset.name'), placeholder: t('preset.name'), autocomplete: 'off', onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) });
  #remove = h('button', { type: 'button', class: 'icon-button', 'aria-label': t('preset.remove'), title: t('preset.remove'), hidden: true, onclick: () => void this.#change(() => api.removePreset(this.#choice.value), '') }, icon('trash'));
  #problem = h('p', { class: 'error', role: 'alert' });
  choice = h('div', { class: 'field', hidden: true }, h('label', { for: 'preset' }, t('preset')), h('div', { class: 'row' }, this.#choice, this.#remove));
  element = h('div', { class: 'presets' },
    h('div', { class: 'row' }, this.#name, h('button', { type: 'button', class: 'button', onclick: () => void this.#save() }, t('preset.save'))),
    this.#problem);
  /** @type {Preset[]} */
  #presets = [];
  #changing = Promise.resolve();

  /**
   * @param {() => Options} read what a preset would save
   * @param {(options: Options) => void} write what a chosen one says
   * @param {() => boolean} check whether what would be saved is sound
   */
  constructor(read, write, check) {
    this.read = read;
    this.write = write;
    this.check = check;
    void this.#change(async () => {}, '');
  }

  #choose() {
    const preset = this.#presets.find(({ id }) => id === this.#choice.value);
    this.#remove.hidden = !preset;
    if (!preset) return;
    this.write(fromRequest(preset.request, preset.system));
    this.#name.value = preset.name;
  }

  async #save() {
    const name = this.#name.value.trim();
    if (name === '') return this.#name.focus();
    if (!this.check()) return;
    const options = this.read();
    await this.#change(() => api.savePreset({ name, system: options.system, request: toRequest(options) }), name);
  }

  /** One after the other, so that the list is that after the last. @param {() => Promise<unknown>} change @param {string} chosen the name that is chosen then */
  #change(change, chosen) {
    this.#changing = this.#changing.then(() => this.#apply(change, chosen));
    return this.#changing;
  }

  /** @param {() => Promise<unknown>} change @param {string} chosen */
  async #apply(change, chosen) {
    try {
      await change();
      this.#presets = (await api.listPresets()).data;
      fill(this.#problem);
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
    fill(this.#choice, h('option', { value: '' }, t('preset.none')),
      this.#presets.map(({ id, name }) => h('option', { value: id, selected: name.toLowerCase() === chosen.toLowerCase() }, name)));
    this.choice.hidden = this.#presets.length === 0;
    this.#remove.hidden = this.#choice.value === '';
  }

  /** Enter saves; it does not close the dialog. @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    void this.#save();
  }
}
