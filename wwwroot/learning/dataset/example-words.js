// @ts-check
// Examples in plain words.

import { h } from '../../dom.js';
import { t } from '../../i18n/i18n.js';

/** @typedef {import('../../api.js').ExampleMessage} ExampleMessage */

const ROLES = /** @type {const} */ (['system', 'user', 'assistant', 'tool']);
const FLAGS = /** @type {const} */ (['cut_off', 'empty', 'contradiction', 'too_long', 'tools', 'private_key', 'api_key', 'token', 'email', 'card_number']);

/** @param {ExampleMessage[]} messages */
export const questionOf = (messages) => messages.findLast(({ role }) => role === 'user')?.content ?? '';

/** @param {ExampleMessage[]} messages */
export const answerOf = (messages) => textOf(messages.at(-1));

/** Whether a training uses it. @param {{ status: string }} example */
export const isUsed = ({ status }) => status === 'accepted' || status === 'unwanted';

/** @param {string} role */
export function roleName(role) {
  const known = ROLES.find((name) => name === (role === 'developer' ? 'system' : role));
  return known ? t(`role.${known}`) : role;
}

/** Why an example is kept aside. @param {string} flag */
export function flagName(flag) {
  const known = FLAGS.find((name) => name === flag);
  return known ? t(`flag.${known}`) : flag;
}

/** All that is said, the reply last. @param {ExampleMessage[]} messages @param {boolean} [isWanted] whether the reply is to be said */
export function messageRows(messages, isWanted = true) {
  return h('dl', { class: 'said' }, messages.map((message, i) => h('div', { class: i === messages.length - 1 && isWanted ? 'wanted' : null },
    h('dt', {}, i === messages.length - 1 ? t(isWanted ? 'example.wanted' : 'example.notWanted') : roleName(message.role)), h('dd', { dir: 'auto' }, textOf(message)))));
}

/** @param {ExampleMessage | undefined} message */
function textOf(message) {
  return message?.content || (message?.tool_calls ? JSON.stringify(message.tool_calls) : '');
}
