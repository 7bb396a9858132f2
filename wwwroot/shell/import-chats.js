// @ts-check
// Conversations from a file, in a dialog that tells what came of it.

import { api } from '../api.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { show } from './dialog.js';

/** @returns {Promise<boolean>} whether any was imported */
export async function importChats() {
  let imported = 0;
  const file = h('input', { id: 'import-file', type: 'file', accept: '.json,application/json', required: true, 'aria-describedby': 'import-hint' });
  const ratings = h('input', { type: 'checkbox' });
  const result = h('div', { class: 'import-result', role: 'status' });
  const start = h('button', { type: 'submit', class: 'button primary' }, t('import.start'));
  const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'import-title' },
    h('form', { onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void run(); } },
      h('h2', { id: 'import-title' }, t('import.title')),
      h('div', { class: 'field' }, h('label', { for: 'import-file' }, t('import.file')), file, h('p', { class: 'hint', id: 'import-hint' }, t('import.chats.hint'))),
      h('label', { class: 'check' }, ratings, h('span', {}, t('import.ratings'))),
      result,
      h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, t('close')), start)));
  await show(dialog);
  return imported > 0;

  async function run() {
    start.disabled = true;
    try {
      const report = await api.importConversations(await read(/** @type {File} */ (file.files?.[0])), ratings.checked);
      imported += report.imported;
      fill(result, words(report));
    } catch (error) {
      fill(result, h('p', { class: 'error', role: 'alert' }, error instanceof SyntaxError ? t('import.noJson') : explain(/** @type {Error} */ (error))));
    }
    start.disabled = false;
  }
}

/** @param {File} file @returns {Promise<unknown>} */
async function read(file) {
  return JSON.parse(await file.text());
}

/** @param {import('../api.js').ChatImport} report */
function words({ imported, duplicates, errors }) {
  return [
    h('p', {}, t('import.chats.done', { count: imported }), ' ', duplicates > 0 && t('import.chats.duplicates', { count: duplicates })),
    errors.length > 0 && h('p', {}, t('import.chats.errors', { count: errors.length })),
    errors.length > 0 && h('ul', { class: 'reasons' }, errors.slice(0, 10).map(({ index, message }) => h('li', {}, t('import.chats.error', { index: index + 1, message })))),
  ];
}
