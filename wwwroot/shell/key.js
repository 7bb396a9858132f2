// @ts-check
// The API key that a server asks for when other machines can reach it. Kept in this browser; sent with every request.

import { h } from '../dom.js';
import { t } from '../i18n/i18n.js';
import { apiKey } from '../preferences.js';
import { show } from './dialog.js';

/** @type {Promise<boolean> | null} */
let asking = null;

/**
 * Asks for a key, once for all requests that need one.
 * @param {string | null} refused the key that was just refused
 * @returns {Promise<boolean>} whether there is another key to try
 */
export function askForKey(refused) {
  if (apiKey.get() !== refused) return Promise.resolve(true); // another request has asked meanwhile
  asking ??= ask(refused !== null).finally(() => { asking = null; });
  return asking;
}

/** @param {boolean} wasRefused */
async function ask(wasRefused) {
  const field = h('input', { id: 'api-key', type: 'password', autocomplete: 'current-password', required: true, 'aria-describedby': 'api-key-hint' });
  const dialog = h('dialog', { class: 'dialog key', 'aria-labelledby': 'key-title' },
    h('form', { method: 'dialog' },
      h('h2', { id: 'key-title' }, t('key.title')),
      wasRefused && h('p', { class: 'error', role: 'alert' }, t('key.refused')),
      h('label', { for: 'api-key' }, t('key.label')),
      field,
      h('p', { class: 'hint', id: 'api-key-hint' }, t('key.hint')),
      h('div', { class: 'buttons' }, h('button', { class: 'button primary', value: 'yes' }, t('key.use')))));
  if (await show(dialog) !== 'yes' || field.value.trim() === '') return false;
  apiKey.set(field.value.trim());
  document.dispatchEvent(new Event('keychange'));
  return true;
}

/** Asks for another key. What is shown belongs to the one before: the page begins anew. */
export async function changeKey() {
  if (!await ask(false)) return;
  location.hash = '#/';
  location.reload();
}
