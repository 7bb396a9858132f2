// @ts-check
// How a model is loaded: context, GPU, cache; and what that takes in memory, told anew at each move of a slider.

import { api } from '../api.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { bytes } from '../format.js';
import { t } from '../i18n/i18n.js';
import { latest } from '../latest.js';
import { show } from '../shell/dialog.js';

/** @typedef {import('../api.js').LocalModel} LocalModel */
/** @typedef {import('../api.js').LoadOptions} LoadOptions */
/** @typedef {import('../api.js').MemoryNeed} MemoryNeed */

const CACHE_TYPES = ['f16', 'bf16', 'q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0', 'iq4_nl', 'f32'];
const SMALLEST_CONTEXT = 512; // tokens
const AUTO = '';

/**
 * @param {LocalModel} model
 * @returns {Promise<'load' | 'kept' | null>} whether it is to be loaded so, only remembered, or neither
 */
export async function askHowToLoad(model) {
  const form = new LoadForm(model);
  const answer = await show(form.dialog);
  return answer === 'load' || answer === 'kept' ? answer : null;
}

class LoadForm {
  #context = slider('load-context', 0);
  #gpu = slider('load-gpu', 0);
  #keys = choice('load-keys', [[AUTO, t('load.asSettings')], ...CACHE_TYPES.map(pair)]);
  #values = choice('load-values', [[AUTO, t('load.asSettings')], ...CACHE_TYPES.map(pair)]);
  #flash = choice('load-flash', [[AUTO, t('load.asSettings')], ['auto', t('load.auto')], ['on', t('load.on')], ['off', t('load.off')]]);
  #memory = h('div', { class: 'load-memory', role: 'status' });
  #problem = h('p', { class: 'error', role: 'alert' });
  /** Lengths of context that the slider steps through; the first lets the engine choose. @type {number[]} */
  #lengths = [0];

  /** @param {LocalModel} model */
  constructor(model) {
    this.model = model;
    const options = model.options ?? {};
    this.#keys.value = options.cache_type_keys ?? AUTO;
    this.#values.value = options.cache_type_values ?? AUTO;
    this.#flash.value = options.flash_attention ?? AUTO;
    this.form = h('form', { method: 'dialog', oninput: () => void this.#estimate(), onsubmit: (/** @type {SubmitEvent} */ event) => void this.#submit(event) },
      h('h2', { id: 'load-title' }, t('load.title', { name: model.name })),
      h('p', {}, t('load.about')),
      this.#memory, // above the sliders: on a phone it must be seen while they move
      field(t('load.context'), this.#context, t('load.context.hint')),
      field(t('load.gpu'), this.#gpu, t('load.gpu.hint')),
      h('div', { class: 'load-choices' }, field(t('load.keys'), this.#keys), field(t('load.values'), this.#values), field(t('load.flash'), this.#flash)),
      h('p', { class: 'hint' }, t('load.cache.hint')),
      this.#problem,
      h('div', { class: 'buttons' },
        h('button', { type: 'button', class: 'button reset', onclick: () => this.#reset() }, t('options.reset')),
        h('button', { class: 'button', value: '' }, t('cancel')),
        h('button', { class: 'button', value: 'kept' }, t('load.keep')),
        h('button', { class: 'button primary', value: 'load' }, t('models.load'))));
    this.dialog = h('dialog', { class: 'dialog load', 'aria-labelledby': 'load-title' }, this.form);
    void this.#begin(options);
  }

  /** The model's own figures say how far the sliders go. @param {LoadOptions} options */
  async #begin(options) {
    try {
      const { trained_context, layers } = await api.estimateMemory(this.model.name, {});
      this.#lengths = [0, ...lengthsUpTo(trained_context, options.context_length ?? 0)];
      this.#context.max = String(this.#lengths.length - 1);
      this.#context.value = String(Math.max(0, this.#lengths.indexOf(options.context_length ?? 0)));
      this.#gpu.max = String(layers + 1); // 0 lets the engine choose, then none, one, …
      this.#gpu.value = String((options.gpu_layers ?? -1) + 1);
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
    await this.#estimate();
  }

  /** @returns {LoadOptions} only what is not left open */
  #read() {
    const context = this.#lengths[Number(this.#context.value)] ?? 0, gpu = Number(this.#gpu.value) - 1;
    return {
      ...context > 0 && { context_length: context },
      ...gpu >= 0 && { gpu_layers: gpu },
      ...this.#keys.value !== AUTO && { cache_type_keys: this.#keys.value },
      ...this.#values.value !== AUTO && { cache_type_values: this.#values.value },
      ...this.#flash.value !== AUTO && { flash_attention: /** @type {LoadOptions['flash_attention']} */ (this.#flash.value) },
    };
  }

  #estimate = latest(
    () => api.estimateMemory(this.model.name, this.#read()).catch((/** @type {Error} */ error) => error),
    (need) => {
      fill(this.#problem, need instanceof Error && explain(need));
      if (!(need instanceof Error)) this.#show(need);
    });

  /** @param {MemoryNeed} need */
  #show(need) {
    const context = Number(this.#context.value), gpu = Number(this.#gpu.value);
    describe(this.#context, context === 0 ? t('load.context.auto', { tokens: need.context_length }) : t('load.tokens', { tokens: need.context_length }));
    describe(this.#gpu, gpu === 0 ? t('load.gpu.auto') : t('load.gpu.layers', { layers: gpu - 1, of: need.layers }));
    fill(this.#memory,
      h('p', {}, h('strong', {}, t('load.memory', { needed: bytes(need.bytes), free: bytes(need.available) })), ' ', h('span', { class: `tag fits ${need.fits}` }, t(`models.fits.${need.fits}`))),
      h('meter', { min: 0, max: Math.max(need.available, need.bytes), value: need.bytes, 'aria-label': t('load.memory.label') }),
      h('p', { class: 'quiet' }, t('load.parts', { weights: bytes(need.weights), cache: bytes(need.cache), compute: bytes(need.compute) }), need.gpu_bytes > 0 && ` ${t('load.onGpu', { size: bytes(need.gpu_bytes) })}`));
  }

  #reset() {
    for (const input of [this.#context, this.#gpu]) input.value = '0';
    for (const select of [this.#keys, this.#values, this.#flash]) select.value = AUTO;
    void this.#estimate();
  }

  /** What was chosen is remembered before the dialog closes; what the server refuses keeps it open. @param {SubmitEvent} event */
  async #submit(event) {
    const answer = /** @type {HTMLButtonElement} */ (event.submitter).value;
    if (answer === '') return;
    event.preventDefault();
    try {
      await api.changeModel(this.model.name, this.#read());
      this.dialog.close(answer);
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }
}

/** @param {string} value @returns {[string, string]} */
const pair = (value) => [value, value];

/** Doubling, the trained length at the end, and one that was set otherwise in its place. @param {number} trained @param {number} chosen */
export function lengthsUpTo(trained, chosen) {
  const lengths = new Set([trained]);
  for (let length = SMALLEST_CONTEXT; length < trained; length *= 2) lengths.add(length);
  if (chosen > 0) lengths.add(chosen);
  return [...lengths].sort((a, b) => a - b);
}

/** @param {string} id @param {number} max */
function slider(id, max) {
  return h('input', { id, type: 'range', min: 0, max, value: 0, step: 1 });
}

/** @param {string} id @param {[string, string][]} values */
function choice(id, values) {
  return h('select', { id }, values.map(([value, name]) => h('option', { value }, name)));
}

/** @param {string} label @param {HTMLInputElement | HTMLSelectElement} input @param {string} [hint] */
function field(label, input, hint) {
  return h('div', { class: 'field' },
    h('div', { class: 'load-label' }, h('label', { for: input.id }, label), input instanceof HTMLInputElement && h('output', { for: input.id, id: `${input.id}-value` })),
    input, hint !== undefined && h('p', { class: 'hint' }, hint));
}

/** Says a slider's value in words, beside it and to those who hear it. @param {HTMLInputElement} input @param {string} text */
function describe(input, text) {
  const output = document.getElementById(`${input.id}-value`);
  if (output) output.textContent = text;
  input.setAttribute('aria-valuetext', text);
}
