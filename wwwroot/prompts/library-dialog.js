// @ts-check
// The library of prompts in a dialog: one is taken, written, changed or deleted.

import { api } from '../api.js';
import { growToContent } from '../chat/grow.js';
import { fill, h, icon } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { confirm, show } from '../shell/dialog.js';

/** @typedef {import('../api.js').Prompt} Prompt */

/**
 * @param {string} draft what a new prompt begins with
 * @returns {Promise<Prompt | null>} the one that was taken
 */
export async function choosePrompt(draft) {
  const library = new Library(draft);
  void library.read();
  await show(library.dialog);
  return library.taken;
}

class Library {
  /** @type {Prompt | null} */
  taken = null;
  /** @type {Prompt[]} */
  #prompts = [];
  #search = h('input', { type: 'search', dir: 'auto', autocomplete: 'off', 'aria-label': t('prompts.search'), placeholder: t('prompts.search'), oninput: () => this.#draw() });
  #found = h('div', { class: 'search', hidden: true }, icon('search'), this.#search);
  #list = h('ul', { class: 'prompts', 'aria-busy': true });
  #new = h('button', { type: 'button', class: 'button', autofocus: true, onclick: () => this.#edit(null) }, icon('plus'), t('prompts.new'));
  #problem = h('p', { class: 'error', role: 'alert' });
  #library = h('div', { class: 'library' }, h('h2', { id: 'prompts-title' }, t('prompts')), h('p', { class: 'quiet' }, t('prompts.about')), this.#found, this.#list, this.#problem,
    h('div', { class: 'buttons' }, this.#new, h('button', { type: 'button', class: 'button', onclick: () => this.dialog.close() }, t('close'))));
  dialog = h('dialog', { class: 'dialog options', 'aria-labelledby': 'prompts-title' }, this.#library);

  /** @param {string} draft */
  constructor(draft) {
    this.draft = draft;
  }

  async read() {
    try {
      this.#prompts = (await api.listPrompts()).data;
      fill(this.#problem);
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
    this.#list.ariaBusy = 'false';
    this.#draw();
  }

  #draw() {
    const words = this.#search.value.trim().toLowerCase();
    this.#found.hidden = this.#prompts.length === 0;
    const shown = this.#prompts.filter(({ name, text }) => `${name}\n${text}`.toLowerCase().includes(words));
    fill(this.#list, shown.map((prompt) => this.#row(prompt)));
  }

  /** @param {Prompt} prompt */
  #row(prompt) {
    const { id, name, text } = prompt;
    return h('li', {},
      h('button', { type: 'button', class: 'prompt', onclick: () => { this.taken = prompt; this.dialog.close(); } },
        h('span', { class: 'prompt-name', dir: 'auto' }, name), h('span', { class: 'quiet', dir: 'auto' }, text.slice(0, 200))),
      h('button', { type: 'button', class: 'icon-button', 'data-prompt': id, 'aria-label': t('prompts.edit', { name }), title: t('prompts.edit', { name }), onclick: () => this.#edit(prompt) }, icon('pencil')),
      h('button', { type: 'button', class: 'icon-button', 'aria-label': t('prompts.delete', { name }), title: t('prompts.delete', { name }), onclick: () => void this.#delete(prompt) }, icon('trash')));
  }

  /** @param {Prompt} prompt */
  async #delete({ id, name }) {
    if (!await confirm({ title: t('prompts.delete.title', { name }), text: t('prompts.delete.text'), action: t('prompts.delete.action') })) return;
    try {
      await api.removePrompt(id);
    } catch (error) {
      return fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
    await this.read();
    this.#new.focus();
  }

  /** @param {Prompt | null} prompt null: a new one */
  #edit(prompt) {
    const name = h('input', { id: 'prompt-name', type: 'text', dir: 'auto', maxlength: 80, required: true, autocomplete: 'off' });
    const text = h('textarea', { id: 'prompt-text', rows: 4, dir: 'auto', required: true, 'aria-describedby': 'prompt-hint' });
    name.value = prompt?.name ?? '';
    text.value = prompt?.text ?? this.draft;
    growToContent(text);
    const problem = h('p', { class: 'error', role: 'alert' });
    const back = () => {
      fill(this.dialog, this.#library);
      const pencil = this.#list.querySelector(`[data-prompt="${prompt?.id}"]`);
      (pencil instanceof HTMLElement ? pencil : this.#new).focus();
    };
    const save = async () => {
      try {
        const saved = await api.savePrompt({ name: name.value.trim(), text: text.value });
        if (prompt && prompt.id !== saved.id) await api.removePrompt(prompt.id); // it has another name now
      } catch (error) {
        return fill(problem, explain(/** @type {Error} */ (error)));
      }
      await this.read();
      back();
    };
    fill(this.dialog, h('form', { onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void save(); } },
      h('h2', { id: 'prompts-title' }, prompt ? t('prompts.edit', { name: prompt.name }) : t('prompts.new')),
      h('div', { class: 'field' }, h('label', { for: 'prompt-name' }, t('prompts.name')), name),
      h('div', { class: 'field' }, h('label', { for: 'prompt-text' }, t('prompts.text')), text,
        h('p', { class: 'hint', id: 'prompt-hint' }, t('prompts.hint', { variable: '{{topic}}', preset: '{{language:English}}', date: '{{date}}', time: '{{time}}' }))),
      problem,
      h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'button', onclick: back }, t('cancel')), h('button', { class: 'button primary' }, t('prompts.save')))));
    name.focus();
  }
}
