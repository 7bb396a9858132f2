// @ts-check
// Variables of a prompt: `{{name}}` is asked for, `{{name:default}}` begins with what stands there, `{{date}}` and `{{time}}` are filled in. Pure.

/** @typedef {{ name: string, value: string }} Variable value: its default; '' for none */

const VARIABLE = /\{\{\s*([\p{L}\p{N}_][\p{L}\p{N}_ -]*?)\s*(?::([^{}]*))?\}\}/gu;

/** @type {Record<string, (now: Date, language: string) => string>} */
const BUILT_IN = {
  date: (now, language) => now.toLocaleDateString(language, { dateStyle: 'long' }),
  time: (now, language) => now.toLocaleTimeString(language, { timeStyle: 'short' }),
};

/** What is to be asked for, each name once, in the order of the text. @param {string} text @returns {Variable[]} */
export function variablesOf(text) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const [, name, preset] of text.matchAll(VARIABLE)) {
    if (isBuiltIn(name, preset)) continue;
    found.set(name, found.get(name) || preset?.trim() || '');
  }
  return [...found].map(([name, value]) => ({ name, value }));
}

/**
 * The text with its variables filled in. What stands in a value stays as it is.
 * @param {string} text
 * @param {Record<string, string>} values
 * @param {Date} now
 * @param {string} language
 */
export function fillIn(text, values, now, language) {
  return text.replace(VARIABLE, (whole, name, preset) => (isBuiltIn(name, preset) ? BUILT_IN[name](now, language) : values[name] ?? whole));
}

/** With a default of its own it is a name like any other. @param {string} name @param {string | undefined} preset */
const isBuiltIn = (name, preset) => preset === undefined && Object.hasOwn(BUILT_IN, name);
