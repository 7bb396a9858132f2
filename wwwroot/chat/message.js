// @ts-check
// A message of a conversation, and how it comes from and goes to the server. Pure.

import * as calls from '../tools/calls.js';

/**
 * @typedef {object} Message
 * @property {'user' | 'assistant'} role
 * @property {string} content
 * @property {string} reasoning what the model thought before it wrote
 * @property {string[]} documents ids of the collections that it alone is looked up in
 * @property {import('../tools/calls.js').Call[]} calls of tools, and what came of them
 * @property {'waiting' | 'writing' | 'done' | 'stopped' | 'failed'} state waiting: no word of the reply yet
 * @property {string | null} completionId
 * @property {number | string | null} version number of the assistant's version, or another model's name
 * @property {string | null} finishReason
 * @property {string[]} recalled examples that stood before the question
 * @property {import('../documents/library.js').Source[] | null} sources passages of documents that stood before it; empty: they hold nothing about it; null: none were asked
 * @property {import('./completion.js').Folded} folded
 * @property {number | null} tokens of prompt and reply: what the chat took of the context by then
 * @property {import('../api.js').FollowUp | null} followUp what the user may want to be remembered
 * @property {import('../api.js').Rating | null} rating
 * @property {Error | null} error
 */

/** @param {'user' | 'assistant'} role @returns {Message} */
export function blank(role) {
  return { role, content: '', reasoning: '', documents: [], calls: [], state: 'waiting', completionId: null, version: null, finishReason: null, recalled: [], sources: null, folded: { messages: 0, isSummarised: false }, tokens: null, followUp: null, rating: null, error: null };
}

/** A question that is being asked. @param {string} text @param {string[]} [documents] @returns {Message} */
export function asked(text, documents = []) {
  return { ...blank('user'), content: text, documents, state: 'done' };
}

/** @param {import('../api.js').StoredMessage} stored */
export function isShown(stored) {
  return stored.role === 'user' || stored.role === 'assistant';
}

/** @param {import('../api.js').StoredMessage} stored @returns {Message} */
export function fromStored(stored) {
  return {
    role: stored.role === 'user' ? 'user' : 'assistant',
    content: stored.content ?? '',
    reasoning: stored.reasoning_content ?? '',
    documents: stored.vector_store_ids ?? [],
    calls: calls.fromStored(stored.tool_calls),
    state: stored.completion_id && !stored.finish_reason ? 'stopped' : 'done', // cut off: by its reader, or by a crash
    completionId: stored.completion_id ?? null,
    version: stored.version ?? stored.model ?? null,
    finishReason: stored.finish_reason ?? null,
    recalled: stored.recalled,
    sources: stored.sources ?? null,
    folded: { messages: stored.folded, isSummarised: stored.is_summarised },
    tokens: stored.tokens ?? null,
    followUp: null,
    rating: stored.rating ?? null,
    error: null,
  };
}

/**
 * @param {Message} message
 * @param {import('./completion.js').Piece} piece
 */
export function take(message, piece) {
  message.completionId = piece.id;
  message.version = versionOf(piece.version);
  message.content += piece.text;
  message.reasoning += piece.reasoning;
  calls.grow(message.calls, piece.calls);
  message.finishReason = piece.finishReason ?? message.finishReason;
  message.recalled = piece.recalled;
  message.sources = piece.sources;
  message.folded = piece.folded;
  message.tokens = piece.tokens ?? message.tokens;
  if (message.content !== '' || message.calls.length > 0) message.state = 'writing';
}

/** `assistant@3` → 3, whichever assistant it is; another model keeps its name. @param {string} fingerprint */
export function versionOf(fingerprint) {
  const number = /^[a-z][a-z0-9-]*@(\d+)$/.exec(fingerprint)?.[1];
  return number === undefined ? fingerprint : Number(number);
}

/**
 * The history as a request sends it: turns alternate, as many chat templates demand. A reply of which no word came is left out,
 * and the question that it left open joins the next one.
 * @param {(Pick<Message, 'role' | 'content' | 'calls'> & Partial<Pick<Message, 'documents'>>)[]} messages
 * @returns {import('./completion.js').Turn[]}
 */
export function toTurns(messages) {
  /** @type {import('./completion.js').Turn[]} */
  const turns = [];
  for (const { role, content, calls: called, documents = [] } of messages) {
    const last = turns.at(-1);
    if (called.length > 0) turns.push(...calls.toTurns(content, called));
    else if (content === '') continue;
    else if (last?.role === role) {
      last.content += `\n\n${content}`;
      if (documents.length > 0) last.vector_store_ids = [...new Set([...last.vector_store_ids ?? [], ...documents])];
    } else turns.push({ role, content, ...documents.length > 0 ? { vector_store_ids: documents } : {} });
  }
  return turns;
}
