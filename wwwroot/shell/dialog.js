// @ts-check
// The browser's own dialog: it traps the focus, closes on Escape and gives the focus back.

import { h } from '../dom.js';
import { t } from '../i18n/i18n.js';

/**
 * Asks before something that cannot be undone, or that is worth a question.
 * @param {{ title: string, text: string, action: string, refusal?: string, isHarmless?: boolean }} question
 * @returns {Promise<boolean>}
 */
export async function confirm({ title, text, action, refusal = t('cancel'), isHarmless = false }) {
  const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'dialog-title' },
    h('form', { method: 'dialog' },
      h('h2', { id: 'dialog-title' }, title),
      h('p', {}, text),
      h('div', { class: 'buttons' },
        h('button', { class: 'button', value: 'no', autofocus: true }, refusal),
        h('button', { class: isHarmless ? 'button primary' : 'button danger', value: 'yes' }, action))));
  return (await show(dialog)) === 'yes';
}

/**
 * Says something that is to be read before anything else is done.
 * @param {string} title
 * @param {string} text
 */
export async function tell(title, text) {
  await show(h('dialog', { class: 'dialog', 'aria-labelledby': 'dialog-title' },
    h('form', { method: 'dialog' },
      h('h2', { id: 'dialog-title' }, title),
      h('p', {}, text),
      h('div', { class: 'buttons' }, h('button', { class: 'button primary', autofocus: true }, t('close'))))));
}

/**
 * @param {HTMLDialogElement} dialog
 * @returns {Promise<string>} the value of the button that closed it, '' for Escape
 */
export function show(dialog) {
  document.body.append(dialog);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close(''); // the backdrop
  });
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      placeCursor();
      resolve(dialog.returnValue);
    });
    dialog.showModal();
  });
}

/** Chromium gives the focus back while the page is still inert: without this the field has it, and what is typed goes nowhere. */
function placeCursor() {
  const field = document.activeElement;
  if (!(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)) return;
  field.blur();
  field.focus({ preventScroll: true });
}
