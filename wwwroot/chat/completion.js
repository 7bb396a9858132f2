// @ts-check
// One streamed reply from /v1/chat/completions.

import { ApiError, errorFrom, send } from '../api.js';
import { readEvents } from '../sse.js';

/**
 * @typedef {{ role: 'system' | 'user' | 'assistant' | 'tool', content: string | null, vector_store_ids?: string[], tool_calls?: unknown[], tool_call_id?: string }} Turn
 * @typedef {{ id: string, version: string, text: string, reasoning: string, calls: import('../tools/calls.js').Part[], finishReason: string | null, recalled: string[], sources: import('../documents/library.js').Source[] | null, folded: Folded, tokens: number | null }} Piece what one chunk adds; tokens: of prompt and reply, with the last one
 * @typedef {{ messages: number, isSummarised: boolean }} Folded how many of the oldest messages the model did not see, and whether a summary stood for them
 */

/**
 * @param {{ messages: Turn[], conversation?: string, [parameter: string]: unknown }} request a chat request, and the conversation that it belongs to
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<Piece, void>}
 * @throws {ApiError} before the first piece, or in the middle of the reply
 */
export async function* streamCompletion({ conversation, ...request }, signal) {
  const response = await send('/v1/chat/completions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...conversation === undefined ? {} : { 'X-Conversation-Id': conversation } },
    body: JSON.stringify({ model: 'assistant', truncation: 'auto', ...request, stream: true }),
    signal,
  });

  const recalled = response.headers.get('X-Recalled')?.split(',') ?? [];
  /** @type {import('../documents/library.js').Source[] | null} */
  let sources = null;
  const folded = foldedOf(response.headers.get('X-Folded'));
  let finished = false;
  for await (const { data } of untilLost(readEvents(/** @type {ReadableStream<Uint8Array>} */ (response.body)))) {
    if (data === '[DONE]') return;

    const chunk = JSON.parse(data);
    const error = errorFrom(chunk.error, response.status);
    if (error) throw error;
    sources = chunk.sources ?? sources;
    const choice = chunk.choices?.[0];
    if (!choice) continue;
    finished ||= Boolean(choice.finish_reason);
    yield { id: chunk.id, version: chunk.system_fingerprint ?? chunk.model, text: choice.delta?.content ?? '', reasoning: choice.delta?.reasoning_content ?? '', calls: choice.delta?.tool_calls ?? [], finishReason: choice.finish_reason ?? null, recalled, sources, folded, tokens: tokensOf(chunk.timings) };
  }
  if (!finished) throw interrupted();
}

/** `summary=12` → 12 messages, for which a summary stood. @param {string | null} header @returns {Folded} */
function foldedOf(header) {
  const [way, count] = header?.split('=') ?? [];
  return { messages: Number(count ?? 0), isSummarised: way === 'summary' };
}

/** @param {{ cache_n: number, prompt_n: number, predicted_n: number } | undefined} timings of the last chunk */
const tokensOf = (timings) => timings ? timings.cache_n + timings.prompt_n + timings.predicted_n : null;

/**
 * @template T
 * @param {AsyncGenerator<T>} events
 * @returns {AsyncGenerator<T>} the same, with a broken connection as an ApiError
 */
async function* untilLost(events) {
  try {
    yield* events;
  } catch (error) {
    throw error instanceof DOMException && error.name === 'AbortError' ? error : interrupted();
  }
}

const interrupted = () => new ApiError(0, 'interrupted', 'The connection was lost in the middle of the reply.');
