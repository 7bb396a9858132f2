// @ts-check
// Two models answer the same question, in an order that nobody knows. Both replies are logged as siblings of one conversation.

import { api } from '../api.js';
import { streamCompletion } from '../chat/completion.js';
import { newId } from '../chat/ids.js';
import { blank, take } from '../chat/message.js';

/** @typedef {import('../chat/message.js').Message} Message */
/** @typedef {'first' | 'second' | 'both' | 'neither'} Choice */

/** Events: `grew` (detail: which reply), `settled` (both have ended), `chosen`. */
export class Comparison extends EventTarget {
  conversation = newId();
  replies = [blank('assistant'), blank('assistant')];
  /** @type {Choice | null} */
  choice = null;
  isOver = false;
  #stop = new AbortController();

  /**
   * @param {[string, string]} models
   * @param {string} question
   * @param {boolean} [isTurned] whether the second model stands first; by chance
   */
  constructor(models, question, isTurned = crypto.getRandomValues(new Uint8Array(1))[0] % 2 === 1) {
    super();
    this.models = isTurned ? [models[1], models[0]] : models;
    this.question = question;
  }

  /** Asks both, and ends when both have ended. */
  async run() {
    await Promise.all(this.replies.map((reply, i) => this.#ask(reply, i)));
    this.isOver = true;
    this.dispatchEvent(new Event('settled'));
  }

  stop() {
    this.#stop.abort();
  }

  /** Whether there is something to choose between. */
  get isWhole() {
    return this.isOver && this.replies.every(({ state }) => state === 'done');
  }

  /** Rates: the better reply up, which prefers it to the other; neither is worth two thumbs down. @param {Choice} choice */
  async choose(choice) {
    const [first, second] = this.replies.map(({ completionId }) => completionId ?? '');
    if (choice === 'first' || choice === 'both') await api.rate({ completion_id: first, rating: 'up' });
    if (choice === 'second' || choice === 'both') await api.rate({ completion_id: second, rating: 'up' });
    if (choice === 'neither') for (const completion_id of [first, second]) await api.rate({ completion_id, rating: 'down' });
    if (choice !== 'neither') await api.showBranch(this.conversation, choice === 'second' ? second : first);
    this.choice = choice;
    this.dispatchEvent(new Event('chosen'));
  }

  /** @param {Message} reply @param {number} i */
  async #ask(reply, i) {
    const request = { model: this.models[i], messages: [{ role: /** @type {const} */ ('user'), content: this.question }], conversation: this.conversation, metadata: { comparison: this.conversation } };
    try {
      for await (const piece of streamCompletion(request, this.#stop.signal)) {
        take(reply, piece);
        this.#grew(reply);
      }
      reply.state = 'done';
    } catch (error) {
      reply.state = this.#stop.signal.aborted ? 'stopped' : 'failed';
      reply.error = this.#stop.signal.aborted ? null : /** @type {Error} */ (error);
    }
    this.#grew(reply);
  }

  /** @param {Message} reply */
  #grew(reply) {
    this.dispatchEvent(new CustomEvent('grew', { detail: reply }));
  }
}
