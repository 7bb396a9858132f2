// @ts-check
// The page's words. To add a language: a dictionary with the keys of en.js (the type check names what is missing), one line below.

import { savedLanguage, saveLanguage } from '../preferences.js';
import { en } from './en.js';
import { es } from './es.js';
import { fillIn } from './sentence.js';

/** @typedef {keyof typeof en} Key */
/** @typedef {'en' | 'es'} Language */

/** @type {Record<Language, { name: string, words: Record<Key, string | { one: string, other: string }> }>} */
export const languages = {
  en: { name: 'English', words: en },
  es: { name: 'Español', words: es },
};

/** @type {Language} */
let current = choose();
document.documentElement.lang = current;

export const language = () => current;

/** @param {Language} chosen */
export function setLanguage(chosen) {
  current = chosen;
  saveLanguage(chosen);
  document.documentElement.lang = chosen;
  document.dispatchEvent(new Event('languagechange'));
}

/**
 * The words for a key, with `{name}` replaced. An entry with `one` and `other` chooses by `count`.
 * @param {Key} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const entry = languages[current].words[key];
  const text = typeof entry === 'string' ? entry
    : values.count === 1 ? entry.one : entry.other; // enough for English and Spanish
  return fillIn(text, (name) => format(values[name]));
}

/** @param {string | number | undefined} value */
function format(value) {
  return typeof value === 'number' ? value.toLocaleString(current) : value ?? '';
}

/** @returns {Language} */
function choose() {
  const wanted = [savedLanguage(), ...navigator.languages].map((tag) => tag?.slice(0, 2));
  return /** @type {Language | undefined} */ (wanted.find((tag) => tag && tag in languages)) ?? 'en';
}
