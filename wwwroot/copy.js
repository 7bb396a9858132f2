// @ts-check

import { fill, h, icon, label } from './dom.js';
import { t } from './i18n/i18n.js';

const THANKS_MS = 1600;

/**
 * A button that copies a text and says that it did.
 * @param {() => string} text asked when it is pressed
 */
export function copyButton(text) {
  const button = h('button', { type: 'button', class: 'icon-button', title: t('copy'), 'aria-label': t('copy'), onclick: copy }, icon('copy'));
  return button;

  async function copy() {
    const copied = await write(text());
    fill(button, icon(copied ? 'check' : 'warning'));
    label(button, copied ? t('copied') : t('copyFailed'));
    setTimeout(() => {
      fill(button, icon('copy'));
      label(button, t('copy'));
    }, THANKS_MS);
  }
}

/** @param {string} text */
async function write(text) {
  try {
    await navigator.clipboard.writeText(text); // absent on plain http other than localhost
    return true;
  } catch {
    return false;
  }
}
