// @ts-check
// Calls of tools in a reply: as they come, as the server keeps them, as a request sends them. Pure.

/**
 * @typedef {object} Call
 * @property {string} id
 * @property {string} name the function's, `server__tool`
 * @property {string} arguments JSON, as the model wrote it
 * @property {'asked' | 'running' | 'done' | 'failed' | 'refused'} state asked: nobody has allowed it yet
 * @property {string | null} result what the model is told
 *
 * @typedef {{ index?: number, id?: string | null, function?: { name?: string | null, arguments?: string | null } | null }} Part what one chunk adds to a call
 */

/** What the model is told of a call that its reader did not want. */
export const REFUSED = 'The user did not allow this call.';

/** @param {Call[]} calls those of a reply so far @param {Part[]} parts */
export function grow(calls, parts) {
  for (const { index = 0, id, function: part } of parts) {
    const call = calls[index] ??= { id: '', name: '', arguments: '', state: 'asked', result: null };
    call.id += id ?? '';
    call.name += part?.name ?? '';
    call.arguments += part?.arguments ?? '';
  }
}

/** @param {Part[] | null | undefined} stored @returns {Call[]} */
export function fromStored(stored) {
  return (stored ?? []).map(({ id, function: called }) => ({ id: id ?? '', name: called?.name ?? '', arguments: called?.arguments ?? '', state: 'asked', result: null }));
}

/** Takes up a result that the server has kept. @param {Call[]} calls @param {string | null | undefined} id @param {string | null} content @returns {boolean} whether a call has that id */
export function answer(calls, id, content) {
  const call = calls.find((other) => other.id === id);
  if (!call) return false;
  call.result = content ?? '';
  call.state = call.result === REFUSED ? 'refused' : 'done';
  return true;
}

/** Whether the model can go on: each call has a result. @param {Call[]} calls */
export const isAnswered = (calls) => calls.every(({ result }) => result !== null);

/** A reply with calls, and their results, as a request sends them. @param {string} content @param {Call[]} calls @returns {import('../chat/completion.js').Turn[]} */
export const toTurns = (content, calls) => [
  { role: 'assistant', content: content === '' ? null : content, tool_calls: calls.map(({ id, name, arguments: given }) => ({ id, type: 'function', function: { name, arguments: given } })) },
  ...calls.map(({ id, result }) => ({ role: /** @type {const} */ ('tool'), content: result ?? REFUSED, tool_call_id: id })),
];
