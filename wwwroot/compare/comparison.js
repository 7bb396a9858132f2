// @ts-check
// Two models answer the same question, in an order that nobody knows. Both replies are logged as siblings of one conversation.

import { api } from '../api.js';
import { streamCompletion } from '../chat/completion.js';
import { blank, take } from '../chat/message.js';

/** @typedef {import('../chat/message.js').Message} Message */
/** @typedef {import('../chat/completion.js').Turn} Turn */
/** @typedef {'first' | 'second' | 'both' | 'neither'} Choice */
/** @typedef {{ conversation: string, goesOnWith: string, messages: Turn[], [parameter: string]: unknown }} Question a chat request, where it belongs, and the model of the replies that follow */

export const CHOICES = /** @type {const} */ (['first', 'second', 'both', 'neither']);

/** Events: `grew` (detail: which reply), `settled` (both have ended), `chosen`. */
export class Comparison extends EventTarget {
  replies = [blank('assistant'), blank('assistant')];
  /** @type {Choice | null} */
  choice = null;
  isOver = false;
  #stop = new AbortController();

  /**
   * @param {[string, string]} models
   * @param {Question} question
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

  /** With which reply the conversation goes on; null: with neither. */
  get preferred() {
    return this.choice === null || this.choice === 'neither' ? null : this.replies[this.choice === 'second' ? 1 : 0];
  }

  /** Rates: the better reply up, which prefers it to the other; neither is worth two thumbs down. @param {Choice} choice */
  async choose(choice) {
    const [first, second] = this.replies;
    if (choice === 'first' || choice === 'both') await rate(first, 'up');
    if (choice === 'second' || choice === 'both') await rate(second, 'up');
    if (choice === 'neither') for (const reply of this.replies) await rate(reply, 'down');
    this.choice = choice;
    if (this.preferred) await api.changeConversation(this.question.conversation, { shown: this.preferred.completionId });
    this.dispatchEvent(new Event('chosen'));
  }

  /** @param {Message} reply @param {number} i */
  async #ask(reply, i) {
    const { goesOnWith, ...question } = this.question;
    const request = { ...question, model: this.models[i], metadata: { comparison: question.conversation, goes_on_with: goesOnWith } };
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

/** @param {Message} reply @param {import('../api.js').Thumb} thumb */
async function rate(reply, thumb) {
  const { correction, comment, reasons } = await api.rate({ completion_id: reply.completionId ?? '', rating: thumb });
  reply.rating = { rating: thumb, correction, comment, reasons };
}
