// @ts-check
// Server-sent events from a fetch body: EventSource can neither POST nor send a key.

/** @typedef {{ event: string, data: string }} ServerEvent */

/**
 * Turns bytes into events, wherever the network cuts them: in a character, in a line end, in a field.
 * Follows the WHATWG rules for `event` and `data`; `id` and `retry` do not matter to a single response.
 */
export class SseParser {
  #decoder = new TextDecoder();
  #line = '';
  #afterCarriageReturn = false;
  #event = '';
  /** @type {string[]} */
  #data = [];

  /**
   * @param {Uint8Array} bytes the next piece of the response
   * @returns {ServerEvent[]} the events that it completes
   */
  push(bytes) {
    /** @type {ServerEvent[]} */
    const events = [];
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === '') return events;
    // A line end "\r\n" that was cut in two: its first half has already ended the line.
    if (this.#afterCarriageReturn && text[0] === '\n') text = text.slice(1);

    const lines = text.split(/\r\n|\n|\r/);
    this.#afterCarriageReturn = text.endsWith('\r');
    lines[0] = this.#line + lines[0];
    this.#line = lines.pop() ?? '';
    for (const line of lines) {
      const event = this.#take(line);
      if (event) events.push(event);
    }
    return events;
  }

  /** @param {string} line */
  #take(line) {
    if (line === '') return this.#dispatch();

    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    return null;
  }

  #dispatch() {
    const event = this.#data.length === 0 ? null : { event: this.#event || 'message', data: this.#data.join('\n') };
    this.#event = '';
    this.#data = [];
    return event;
  }
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<ServerEvent, void>}
 */
export async function* readEvents(body) {
  const parser = new SseParser();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(value);
    }
  } finally {
    // Leaving early (an error, a finished reply) must not leave the connection open.
    await reader.cancel().catch(() => {});
  }
}
