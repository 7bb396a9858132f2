// @ts-check
// Which calls need no question: tools that their reader has allowed, in a chat or for good. What allows a tool is what it said of itself then.

import { allowedTools, saveAllowedTools } from '../preferences.js';

/** @typedef {import('./toolbox.js').Tool} Tool */

/** By chat; gone with the page. @type {WeakMap<object, Set<string>>} */
const inChats = new WeakMap();

/** @param {object} chat @param {string} assistant @param {Tool} tool */
export const isAllowed = (chat, assistant, { fingerprint }) =>
  Boolean(inChats.get(chat)?.has(fingerprint)) || allowedTools().includes(`${assistant} ${fingerprint}`);

/** @param {object} chat @param {Tool} tool */
export function allowInChat(chat, { fingerprint }) {
  inChats.set(chat, (inChats.get(chat) ?? new Set()).add(fingerprint));
}

/** @param {string} assistant @param {Tool} tool */
export function allowAlways(assistant, { fingerprint }) {
  saveAllowedTools([...new Set([...allowedTools(), `${assistant} ${fingerprint}`])]);
}

/** Asks again for every tool of an assistant. @param {string} assistant */
export function forgetAllowed(assistant) {
  saveAllowedTools(allowedTools().filter((entry) => !entry.startsWith(`${assistant} `)));
}

/** @param {string} assistant */
export const hasAllowed = (assistant) => allowedTools().some((entry) => entry.startsWith(`${assistant} `));
