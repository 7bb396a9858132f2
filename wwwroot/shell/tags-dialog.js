// @ts-check
// The folders of a conversation (tags in the API), as names between commas.

import { api } from '../api.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { show } from './dialog.js';

/**
 * @param {{ tags: string[] }} conversation
 * @param {(tags: string[]) => Promise<void>} save
 */
export async function editTags({ tags }, save) {
  const input = h('input', { id: 'tags', type: 'text', dir: 'auto', autocomplete: 'off', 'aria-describedby': 'tags-hint' });
  input.value = tags.join(', ');
  const typed = () => input.value.split(',').map((tag) => tag.trim()).filter((tag) => tag !== '');
  const known = h('p', { class: 'known-tags' });
  const problem = h('p', { class: 'error', role: 'alert' });
  const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'dialog-title' },
    h('form', { onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void submit(); } },
      h('h2', { id: 'dialog-title' }, t('tags.title')),
      h('div', { class: 'field' }, h('label', { for: 'tags' }, t('tags')), input, h('p', { class: 'hint', id: 'tags-hint' }, t('tags.hint'))),
      known, problem,
      h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, t('cancel')), h('button', { class: 'button primary' }, t('tags.save')))));
  void api.listTags().then(({ data }) => fill(known, data.map(({ tag }) => h('button', { type: 'button', class: 'button small', dir: 'auto', onclick: () => add(tag) }, tag))), () => {});
  await show(dialog);

  /** @param {string} tag */
  function add(tag) {
    if (!typed().includes(tag)) input.value = [...typed(), tag].join(', ');
    input.focus();
  }

  async function submit() {
    try {
      await save(typed());
      dialog.close();
    } catch (error) {
      fill(problem, explain(/** @type {Error} */ (error)));
    }
  }
}
