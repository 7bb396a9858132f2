// @ts-check
// The options of a chat, in a dialog: version, system prompt, sampling, presets.

import { isAssistant } from '../../assistants/current.js';
import { fill, h } from '../../dom.js';
import { t } from '../../i18n/i18n.js';
import { askForValues } from '../../prompts/values-dialog.js';
import { show } from '../../shell/dialog.js';
import { growToContent } from '../grow.js';
import { choiceName, readChoices } from '../models.js';
import { SAMPLING, plain } from './options.js';
import { Presets } from './presets.js';

/** @typedef {import('./options.js').Options} Options */

/**
 * @param {Options} options as they are
 * @returns {Promise<Options | null>} as they shall be; null when nothing is to change
 */
export async function askForOptions(options) {
  const form = new OptionsForm(options);
  while (await show(form.dialog) === 'use') {
    const chosen = form.read();
    if (chosen.system === options.system) return chosen;
    const system = await askForValues(t('options.system'), chosen.system); // a preset keeps its variables
    if (system !== null) return { ...chosen, system };
  }
  return null;
}

class OptionsForm {
  /** Chosen in the composer. @type {string[]} */
  #documents = [];
  #model = h('select', { id: 'option-model' });
  /** What the server says of each; the one that is chosen can be gone. @type {Map<string, import('../models.js').Model>} */
  #known = new Map();
  #system = h('textarea', { id: 'option-system', rows: 3, dir: 'auto', 'aria-describedby': 'option-system-hint' });
  #fields = SAMPLING.map(({ name, min, max, step }) => ({
    name, input: h('input', { id: `option-${name}`, type: 'number', min, max, step: 'any', placeholder: t('options.default'), inputmode: step === 1 ? 'numeric' : 'decimal' }),
  }));

  #tools = h('input', { id: 'option-tools', type: 'checkbox' });

  /** @param {Options} options */
  constructor(options) {
    const presets = new Presets(() => this.read(), (chosen) => this.#write(chosen), () => this.#form.reportValidity());
    this.#form = h('form', { method: 'dialog' },
      h('h2', { id: 'options-title' }, t('options')),
      presets.choice,
      h('div', { class: 'field' }, h('label', { for: 'option-model' }, t('options.model')), this.#model),
      h('div', { class: 'field' }, h('label', { for: 'option-system' }, t('options.system')), this.#system, h('p', { class: 'hint', id: 'option-system-hint' }, t('options.system.hint', { variable: '{{topic}}' }))),
      h('label', { class: 'check', for: 'option-tools' }, this.#tools, t('options.tools')),
      h('fieldset', { class: 'sampling' }, h('legend', {}, t('options.sampling')),
        this.#fields.map(({ name, input }) => h('div', { class: 'field', title: t(`options.${name}.hint`) }, h('label', { for: input.id }, t(`options.${name}`)), input))),
      presets.element,
      h('div', { class: 'buttons' },
        h('button', { type: 'button', class: 'button reset', onclick: () => this.#write(plain()) }, t('options.reset')),
        h('button', { class: 'button', value: '', formnovalidate: true }, t('cancel')),
        h('button', { class: 'button primary', value: 'use' }, t('options.use'))));
    this.dialog = h('dialog', { class: 'dialog options', 'aria-labelledby': 'options-title' }, this.#form);
    this.#write(options);
    growToContent(this.#system);
    void this.#readModels();
  }

  /** @returns {Options} */
  read() {
    const given = this.#fields.filter(({ input }) => input.value !== '' && Number.isFinite(input.valueAsNumber));
    return {
      model: this.#model.value, system: this.#system.value.trim(), tools: this.#tools.checked, documents: this.#documents,
      sampling: Object.fromEntries(given.map(({ name, input }) => [name, input.valueAsNumber])),
    };
  }

  /** @param {Options} options */
  #write({ model, system, tools, sampling, documents }) {
    this.#tools.checked = tools;
    this.#documents = documents;
    this.#offer([plain().model, model, ...[...this.#model.options].map((option) => option.value)], model);
    this.#system.value = system;
    for (const { name, input } of this.#fields) input.value = name in sampling ? String(sampling[name]) : '';
  }

  async #readModels() {
    const models = await readChoices().catch(() => []); // the one that is chosen stays
    this.#known = new Map(models.map((model) => [model.id, model]));
    this.#offer([...this.#known.keys(), this.#model.value], this.#model.value);
  }

  /** @param {string[]} models @param {string} chosen */
  #offer(models, chosen) {
    fill(this.#model, [...new Set(models)].map((id) => h('option', { value: id, selected: id === chosen },
      isAssistant(id) ? t('options.model.active') : choiceName(this.#known.get(id) ?? { id }, id))));
  }

  /** @type {HTMLFormElement} */
  #form;
}
