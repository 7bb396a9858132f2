// @ts-check
// An assistant from a file, in a dialog: an export of this program, or a Modelfile.

import { api } from '../api.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { show } from '../shell/dialog.js';

/** @returns {Promise<import('../api.js').Assistant | null>} what was made */
export async function importAssistant() {
  /** @type {import('../api.js').Assistant | null} */
  let made = null;
  const file = h('input', { id: 'assistant-file', type: 'file', required: true, 'aria-describedby': 'assistant-file-hint' });
  const id = h('input', { id: 'assistant-file-id', type: 'text', maxlength: 40, pattern: '[a-z][a-z0-9\\-]*[a-z0-9]', autocomplete: 'off', spellcheck: false, 'aria-describedby': 'assistant-file-id-hint' });
  const problem = h('p', { class: 'error', role: 'alert' });
  const start = h('button', { type: 'submit', class: 'button primary' }, t('import.start'));
  const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'assistant-import-title' },
    h('form', { onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void run(); } },
      h('h2', { id: 'assistant-import-title' }, t('assistants.import.title')),
      h('div', { class: 'field' }, h('label', { for: 'assistant-file' }, t('import.file')), file, h('p', { class: 'hint', id: 'assistant-file-hint' }, t('assistants.import.hint'))),
      h('div', { class: 'field' }, h('label', { for: 'assistant-file-id' }, t('assistants.id')), id, h('p', { class: 'hint', id: 'assistant-file-id-hint' }, t('assistants.import.id'))),
      problem,
      h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, t('cancel')), start)));
  await show(dialog);
  return made;

  async function run() {
    start.disabled = true;
    try {
      made = await api.importAssistant(/** @type {File} */ (file.files?.[0]), id.value.trim());
      dialog.close();
    } catch (error) {
      fill(problem, explain(/** @type {Error} */ (error)));
    }
    start.disabled = false;
  }
}
