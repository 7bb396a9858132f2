// @ts-check
// Asks for the values of a prompt's variables.

import { h } from '../dom.js';
import { growToContent } from '../chat/grow.js';
import { language, t } from '../i18n/i18n.js';
import { show } from '../shell/dialog.js';
import { fillIn, variablesOf } from './variables.js';

/**
 * @param {string} title
 * @param {string} text with variables, or without
 * @returns {Promise<string | null>} the text with their values; null: its reader wants none of it
 */
export async function askForValues(title, text) {
  const fields = variablesOf(text).map(({ name, value }, i) => {
    const input = h('textarea', { id: `variable-${i}`, rows: 1, dir: 'auto', required: true, autofocus: i === 0 });
    input.value = value;
    growToContent(input);
    return { name, input };
  });
  if (fields.length > 0 && !await ask(title, fields)) return null;
  return fillIn(text, Object.fromEntries(fields.map(({ name, input }) => [name, input.value])), new Date(), language());
}

/** @param {string} title @param {{ name: string, input: HTMLTextAreaElement }[]} fields */
async function ask(title, fields) {
  const form = h('form', { method: 'dialog', onkeydown: key },
    h('h2', { id: 'values-title', dir: 'auto' }, title),
    fields.map(({ name, input }) => h('div', { class: 'field' }, h('label', { for: input.id, dir: 'auto' }, name), input)),
    h('div', { class: 'buttons' }, h('button', { class: 'button', value: '', formnovalidate: true }, t('cancel')), h('button', { class: 'button primary', value: 'use' }, t('prompts.insert'))));
  return await show(h('dialog', { class: 'dialog options', 'aria-labelledby': 'values-title' }, form)) === 'use';

  /** As in the composer; values may have lines. @param {KeyboardEvent} event */
  function key(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || !(event.target instanceof HTMLTextAreaElement)) return;
    event.preventDefault();
    form.requestSubmit(/** @type {HTMLButtonElement} */ (form.querySelector('button.primary')));
  }
}
