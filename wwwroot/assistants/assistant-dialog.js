// @ts-check
// An assistant's settings, in a dialog: a new one, a copy, or one that is changed.

import { api } from '../api.js';
import { growToContent } from '../chat/grow.js';
import { SAMPLING } from '../chat/options/options.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { show } from '../shell/dialog.js';

/** @typedef {import('../api.js').Assistant} Assistant */

/** @param {Assistant | null} assistant null: a new one @param {Assistant} [from] of which a new one is a copy @returns {Promise<Assistant | null>} as it is now; null: nothing was done */
export async function editAssistant(assistant, from) {
  const form = new AssistantForm(assistant, from);
  await show(form.dialog);
  return form.saved;
}

class AssistantForm {
  /** @type {Assistant | null} */
  saved = null;
  #name = h('input', { id: 'assistant-name', type: 'text', dir: 'auto', required: true, maxlength: 80, autocomplete: 'off', oninput: () => this.#suggest() });
  #id = h('input', { id: 'assistant-id', type: 'text', required: true, maxlength: 40, pattern: '[a-z][a-z0-9\\-]*[a-z0-9]', autocomplete: 'off', spellcheck: false, 'aria-describedby': 'assistant-id-hint', oninput: () => { this.#isIdOwn = true; } });
  #avatar = h('input', { id: 'assistant-avatar', type: 'text', maxlength: 8, autocomplete: 'off' });
  #base = h('select', { id: 'assistant-base', 'aria-describedby': 'assistant-base-hint' });
  #system = h('textarea', { id: 'assistant-system', rows: 4, dir: 'auto', 'aria-describedby': 'assistant-system-hint' });
  #fields = SAMPLING.map(({ name, min, max, step }) => ({
    name, input: h('input', { id: `assistant-${name}`, type: 'number', min, max, step: 'any', placeholder: t('options.default'), inputmode: step === 1 ? 'numeric' : 'decimal' }),
  }));
  #truncation = h('select', { id: 'assistant-truncation' }, ['', 'drop', 'summary'].map((value) => h('option', { value }, t(/** @type {import('../i18n/i18n.js').Key} */ (`assistants.truncation.${value || 'auto'}`)))));
  #problem = h('p', { class: 'error', role: 'alert' });
  #save = h('button', { type: 'submit', class: 'button primary' }, t('assistants.save'));
  #isIdOwn = false;

  /** @param {Assistant | null} assistant @param {Assistant} [from] */
  constructor(assistant, from) {
    this.assistant = assistant;
    this.from = from;
    const shown = assistant ?? from;
    const isFirst = assistant?.id === 'assistant';
    const title = assistant ? t('assistants.edit.title', { name: assistant.name }) : from ? t('assistants.copy.title', { name: from.name }) : t('assistants.new');
    this.dialog = h('dialog', { class: 'dialog options', 'aria-labelledby': 'assistant-title' },
      h('form', { onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void this.#submit(); } },
        h('h2', { id: 'assistant-title' }, title),
        from && h('p', {}, t('assistants.copy.about')),
        h('div', { class: 'field' }, h('label', { for: 'assistant-name' }, t('assistants.name')), this.#name),
        h('div', { class: 'pair' },
          h('div', { class: 'field' }, h('label', { for: 'assistant-id' }, t('assistants.id')), this.#id, h('p', { class: 'hint', id: 'assistant-id-hint' }, t('assistants.id.hint'))),
          h('div', { class: 'field' }, h('label', { for: 'assistant-avatar' }, t('assistants.avatar')), this.#avatar)),
        h('div', { class: 'field' }, h('label', { for: 'assistant-base' }, t('assistants.base')), this.#base, h('p', { class: 'hint', id: 'assistant-base-hint' }, t(isFirst ? 'assistants.base.first' : 'assistants.base.hint'))),
        h('div', { class: 'field' }, h('label', { for: 'assistant-system' }, t('options.system')), this.#system, h('p', { class: 'hint', id: 'assistant-system-hint' }, t('assistants.system.hint'))),
        h('div', { class: 'field' }, h('label', { for: 'assistant-truncation' }, t('assistants.truncation')), this.#truncation),
        h('fieldset', { class: 'sampling' }, h('legend', {}, t('assistants.sampling')),
          this.#fields.map(({ name, input }) => h('div', { class: 'field', title: t(`options.${name}.hint`) }, h('label', { for: input.id }, t(`options.${name}`)), input))),
        this.#problem,
        h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'button', onclick: () => this.dialog.close() }, t('cancel')), this.#save)));

    this.#name.value = assistant?.name ?? (from ? t('assistants.copy.name', { name: from.name }) : '');
    this.#id.value = assistant?.id ?? '';
    this.#id.disabled = assistant !== null;
    this.#avatar.value = assistant?.avatar ?? '';
    this.#system.value = shown?.system ?? '';
    this.#base.disabled = isFirst || from !== undefined;
    fill(this.#base, h('option', { value: shown?.base ?? '' }, shown?.base ?? ''));
    const request = /** @type {Record<string, any>} */ (shown?.request ?? {});
    for (const { name, input } of this.#fields) input.value = typeof request[name] === 'number' ? String(request[name]) : '';
    this.#truncation.value = ['drop', 'summary'].includes(request.truncation) ? request.truncation : '';
    growToContent(this.#system);
    this.#suggest();
    void this.#readBases(shown?.base);
  }

  /** The id follows the name until somebody writes one. */
  #suggest() {
    if (this.#isIdOwn || this.assistant) return;
    this.#id.value = this.#name.value.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '').slice(0, 40).replace(/-+$/, '');
  }

  /** @param {string | undefined} chosen */
  async #readBases(chosen) {
    const { data } = await api.listLocalModels().catch(() => ({ data: [] })); // the one that is chosen stays
    const names = data.filter(({ usable }) => usable).map(({ name }) => name);
    const first = chosen ?? data.find(({ is_base: isBase }) => isBase)?.name;
    fill(this.#base, [...new Set([...first ? [first] : [], ...names])].map((name) => h('option', { value: name, selected: name === first }, name)));
  }

  async #submit() {
    const { assistant, from } = this;
    const before = /** @type {Record<string, any>} */ ((assistant ?? from)?.request ?? {});
    const kept = Object.entries(before).filter(([name, value]) => !SAMPLING.some((offered) => offered.name === name) && !(name === 'truncation' && value !== 'auto' && value !== 'disabled')); // what other clients have set
    const given = this.#fields.filter(({ input }) => input.value !== '').map(({ name, input }) => [name, input.valueAsNumber]);
    const settings = { name: this.#name.value.trim(), avatar: this.#avatar.value.trim(), system: this.#system.value.trim(), request: Object.fromEntries([...kept, ...given, ...this.#truncation.value ? [['truncation', this.#truncation.value]] : []]), ...this.#base.disabled ? {} : { base: this.#base.value } };
    this.#save.disabled = true;
    try {
      this.saved = assistant ? await api.changeAssistant(assistant.id, settings) : await api.createAssistant({ id: this.#id.value, ...from ? { from: from.id } : {}, ...settings });
      this.dialog.close();
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
    this.#save.disabled = false;
  }
}
