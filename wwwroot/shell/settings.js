// @ts-check

import { h } from '../dom.js';
import { language, languages, setLanguage, t } from '../i18n/i18n.js';
import { notifyOffer } from '../notices/notices.js';
import { setTheme, theme } from '../preferences.js';
import { store } from '../store.js';
import { show } from './dialog.js';
import { changeKey } from './key.js';

/** @typedef {import('../preferences.js').Theme} Theme */
/** @typedef {import('../i18n/i18n.js').Language} Language */

const SHORTCUTS = /** @type {const} */ ([
  [['Enter'], 'shortcut.send'],
  [['Shift', 'Enter'], 'shortcut.newLine'],
  [['↑'], 'shortcut.editLast'],
  [['Esc'], 'shortcut.stop'],
  [['Ctrl', 'K'], 'shortcut.search'],
  [['Alt', 'Shift', 'N'], 'shortcut.newChat'],
  [['Alt', 'Shift', 'L'], 'shortcut.learning'],
  [['Ctrl', 'Enter'], 'shortcut.saveBetter'],
]);

/** Theme, language, the API key where there is one, and the list of keys to press. */
export function openSettings() {
  const key = store.state.access?.key ?? null;
  const themes = /** @type {const} */ (['system', 'light', 'dark']);
  const dialog = h('dialog', { class: 'dialog settings', 'aria-labelledby': 'settings-title' },
    h('form', { method: 'dialog' },
      h('h2', { id: 'settings-title' }, t('settings')),
      h('fieldset', { class: 'segments' },
        h('legend', {}, t('settings.theme')),
        themes.map((value) => choice('theme', value, t(`settings.theme.${value}`), theme() === value, () => setTheme(value)))),
      h('fieldset', { class: 'segments' },
        h('legend', {}, t('settings.language')),
        /** @type {Language[]} */ (Object.keys(languages)).map((value) => choice('language', value, languages[value].name, language() === value, () => speak(value)))),
      key !== null && h('div', { class: 'setting' }, h('h3', {}, t('settings.key')), h('p', { class: 'row' }, h('span', {}, key),
        h('button', { type: 'button', class: 'button small', onclick: () => { dialog.close(); void changeKey(); } }, t('key.change')))),
      h('h3', {}, t('notify')), h('p', { class: 'quiet' }, t('notify.about')), notifyOffer('notify.allow'),
      h('h3', {}, t('shortcuts')),
      h('dl', { class: 'shortcuts' }, SHORTCUTS.map(([keys, meaning]) =>
        h('div', {}, h('dt', {}, keys.map((key) => h('kbd', {}, key))), h('dd', {}, t(meaning))))),
      h('div', { class: 'buttons' }, h('button', { class: 'button primary' }, t('close')))));
  return show(dialog);

  /** The open dialog changes its language too. @param {Language} chosen */
  function speak(chosen) {
    dialog.close();
    setLanguage(chosen);
    void openSettings();
    /** @type {HTMLElement | null} */ (document.querySelector(`dialog[open] input[value="${chosen}"]`))?.focus();
  }
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} text
 * @param {boolean} isChosen
 * @param {() => void} choose
 */
function choice(name, value, text, isChosen, choose) {
  return h('label', {}, h('input', { type: 'radio', name, value, checked: isChosen, onchange: choose }), h('span', {}, text));
}
