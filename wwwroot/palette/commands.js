// @ts-check
// What the palette offers besides the chats.

import { t } from '../i18n/i18n.js';
import { openSettings } from '../shell/settings.js';

/** @typedef {import('./palette.js').Command} Command */

/** The views, by their addresses. */
const VIEWS = /** @type {const} */ ([
  ['chat.new', 'plus', '#/'], ['temporary', 'temporary', '#/temporary'], ['learning', 'learn', '#/learning'], ['assistants', 'assistants', '#/assistants'],
  ['compare', 'compare', '#/compare'], ['models', 'model', '#/models'], ['server', 'server', '#/server'],
]);

/**
 * @param {import('../chat/chat.js').Chat | null} chat the one that is open
 * @param {() => void} searchChats
 * @returns {Command[]}
 */
export function commands(chat, searchChats) {
  const views = VIEWS.map(([key, icon, address]) => ({ text: t(key), icon, act: () => { location.hash = address; } }));
  /** @type {Command[]} */
  const ofComposer = chat ? [{ text: t('prompts'), icon: 'prompt', act: () => document.dispatchEvent(new Event('prompts')) }] : [];
  /** @type {Command[]} */
  const ofChat = chat?.phase === 'open' ? [
    { text: t('palette.markdown'), icon: 'download', act: () => void saveMarkdown(chat) },
    { text: t('palette.print'), icon: 'print', act: () => print() },
    ...chat.isTemporary ? [] : [{ text: t('usage.chat'), icon: /** @type {const} */ ('usage'), act: () => void openUsage(chat) }],
  ] : [];
  return [...views, ...ofComposer, ...ofChat,
    { text: t('history.search'), icon: 'search', act: searchChats },
    { text: t('import.any'), icon: 'upload', act: () => void importFile() },
    { text: t('settings'), icon: 'settings', act: () => void openSettings() }];
}

/** @param {import('../chat/chat.js').Chat} chat */
async function saveMarkdown(chat) {
  const [{ toMarkdown }, { saveText }] = await Promise.all([import('../chat/markdown-file.js'), import('../download.js')]);
  const title = chat.title || t('chat.untitled');
  saveText(toMarkdown(title, chat.messages, { user: t('chat.you'), assistant: t('chat.reply') }), `${title}.md`, 'text/markdown');
}

/** @param {import('../chat/chat.js').Chat} chat */
async function openUsage(chat) {
  const [{ showUsage }, { api }] = await Promise.all([import('../usage/usage-dialog.js'), import('../api.js')]);
  await showUsage(chat.title || t('chat.untitled'), () => api.readUsage(chat.id));
}

async function importFile() {
  const dialog = await import('../import/import-dialog.js');
  await dialog.importFile({});
}
