// @ts-check
// What a chat asks its model with: which version, a system prompt, sampling.

import { assistantOf, isAssistant } from '../../assistants/current.js';
import { store } from '../../store.js';

/**
 * @typedef {object} Options
 * @property {string} model an assistant's id is its version in service, whichever that is
 * @property {string} system the system prompt; '' for none
 * @property {boolean} tools whether those of the assistant are offered
 * @property {Record<string, number>} sampling only what differs from the model's own defaults
 * @property {string[]} documents ids of the collections that questions are looked up in
 */

/** The parameters that the page offers; other clients can send more (docs of the API). */
export const SAMPLING = /** @type {const} */ ([
  { name: 'temperature', min: 0, max: 2, step: 0.05 },
  { name: 'top_p', min: 0, max: 1, step: 0.01 },
  { name: 'top_k', min: 0, max: 1000, step: 1 },
  { name: 'min_p', min: 0, max: 1, step: 0.01 },
  { name: 'repeat_penalty', min: 0.5, max: 2, step: 0.01 },
  { name: 'max_tokens', min: 1, max: 1_000_000, step: 1 },
  { name: 'seed', min: 0, max: 4_294_967_295, step: 1 },
]);

/** Of a chat with the assistant that the page is about. @returns {Options} */
export const plain = () => ({ model: store.state.assistant, system: '', tools: true, sampling: {}, documents: [] });

/** What a request or a preset says about it. @param {Record<string, any> | null} request @param {string} [system] @param {string} [assistant] whom it is with @returns {Options} */
export function fromRequest(request, system = '', assistant = store.state.assistant) {
  const sampling = SAMPLING.flatMap(({ name }) => (typeof request?.[name] === 'number' ? [[name, request[name]]] : []));
  const { comparison, goes_on_with: goesOnWith = comparison && assistant, tools = 'on' } = request?.metadata ?? {}; // two versions were asked once; the chat goes on with the usual one
  const model = goesOnWith ?? request?.model ?? assistant;
  return { model: [assistant, null].includes(assistantOf(model)) ? model : assistant, system, tools: tools !== 'off', sampling: Object.fromEntries(sampling), documents: request?.vector_store_ids ?? [] };
}

/** The options of a stored conversation: those of the last reply shown. @param {import('../../api.js').StoredConversation} stored */
export function fromStored({ assistant, messages, request }) {
  return fromRequest(request, messages.find(({ role }) => role === 'system' || role === 'developer')?.content ?? '', assistant);
}

/** @param {Options} options */
export const toRequest = ({ model, tools, sampling, documents }) => ({
  model, ...sampling, ...documents.length > 0 ? { vector_store_ids: documents } : {}, ...tools ? {} : { metadata: { tools: 'off' } },
});

/** Whether anything is other than in a new chat. @param {Options} options */
export function isPlain({ model, system, tools, sampling }) {
  return isAssistant(model) && system === '' && tools && Object.keys(sampling).length === 0;
}
