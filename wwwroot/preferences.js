// @ts-check
// What the browser remembers for its user: theme, language, and drafts, so that nothing typed is lost.

/** Browsers can refuse storage (private windows, policies); then this visit's memory has to do. */
const memory = new Map();

/** @param {string} key @returns {string | null} */
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

/** @param {string} key @param {string | null} value */
function write(key, value) {
  try {
    if (value === null || value === '') localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    memory.set(key, value);
  }
}

/** Texts that were typed but not yet accepted by the server, by the place where they were typed. */
export const drafts = {
  /** @param {string} place */
  get: (place) => read(`draft:${place}`),
  /** @param {string} place @param {string} text */
  set: (place, text) => write(`draft:${place}`, text),
  /** @param {string} place */
  clear: (place) => write(`draft:${place}`, null),
};

/** Of a chat that leaves nothing behind. @type {typeof drafts} */
export const noDrafts = { get: () => null, set: () => {}, clear: () => {} };

/** @typedef {'system' | 'light' | 'dark'} Theme */

/** @returns {Theme} */
export function theme() {
  const value = read('theme');
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** @param {Theme} value */
export function setTheme(value) {
  write('theme', value === 'system' ? null : value);
  if (value === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
  document.dispatchEvent(new Event('themechange'));
}

/** The key for this server, where it asks for one. */
export const apiKey = {
  get: () => read('apiKey'),
  /** @param {string} key */
  set: (key) => write('apiKey', key),
};

/** The assistant that was chosen last; null: the first. */
export const savedAssistant = () => read('assistant');
/** @param {string} id '' for the first */
export const saveAssistant = (id) => write('assistant', id);

/** Tools that need no question: assistant and fingerprint. @returns {string[]} */
export const allowedTools = () => (read('tools') ?? '').split('\n').filter(Boolean);
/** @param {string[]} entries */
export const saveAllowedTools = (entries) => write('tools', entries.join('\n'));

/** Whether what is said may go to the browser's maker to be written down. */
export const isDictationAllowed = () => read('dictation') === 'allowed';
export const allowDictation = () => write('dictation', 'allowed');

/** Whether the list of folders is folded. */
export const areFoldersClosed = () => read('folders') === 'closed';
/** @param {boolean} closed */
export const closeFolders = (closed) => write('folders', closed ? 'closed' : null);

export const savedLanguage = () => read('language');
/** @param {string} language */
export const saveLanguage = (language) => write('language', language);
