// @ts-check
// A conversation as the page holds it. It lives on while another view is shown, so a reply goes on in the background.

import { api, ApiError } from '../api.js';
import { drafts } from '../preferences.js';
import { store } from '../store.js';
import { streamCompletion } from './completion.js';
import { blank, fromStored, isShown, take, toTurns } from './message.js';

/** @typedef {import('./message.js').Message} Message */

/**
 * Events: `messages` (one was added or replaced, or loading ended), `message` (detail: the one that changed), `settled` (a reply ended), `title`.
 */
export class Chat extends EventTarget {
  /** @type {Message[]} */
  messages = [];
  /** @type {string | null} */
  title = null;
  /** @type {'new' | 'loading' | 'open' | 'missing' | 'unreachable'} */
  phase = 'new';
  /** @type {Error | null} */
  error = null;
  /** @type {AbortController | null} */
  #reply = null;

  /** @param {string} id a UUID; the server learns it with the first message */
  constructor(id) {
    super();
    this.id = id;
  }

  get isReplying() {
    return this.#reply !== null;
  }

  /** Reads the conversation from the server. */
  async load() {
    this.phase = 'loading';
    this.#changed();
    try {
      const stored = await api.readConversation(this.id);
      this.title = stored.title;
      this.messages = stored.messages.filter(isShown).map(fromStored);
      this.phase = 'open';
    } catch (error) {
      this.error = /** @type {Error} */ (error);
      const unknown = error instanceof ApiError && error.status === 404;
      const neverArrived = drafts.get(`sent:${this.id}`) !== null;
      this.phase = !unknown ? 'unreachable' : neverArrived ? 'new' : 'missing';
    }
    this.#changed();
  }

  /** @param {string} text */
  async send(text) {
    drafts.set(`sent:${this.id}`, text); // until the server has taken it
    this.phase = 'open';
    this.title ??= text.trim().split('\n')[0].slice(0, 80);
    this.messages.push({ ...blank('user'), content: text, state: 'done' });
    await this.#answer();
  }

  /** Asks again for the reply that failed or was stopped. */
  async retry() {
    if (this.messages.at(-1)?.role === 'assistant') this.messages.pop();
    await this.#answer();
  }

  /** Takes the last message back when its reply failed before the first word. @returns {string} what the user wrote */
  takeBack() {
    this.messages.pop();
    const text = this.messages.pop()?.content ?? '';
    drafts.clear(`sent:${this.id}`);
    if (this.messages.length === 0) this.phase = 'new';
    this.#changed();
    return text;
  }

  /** Takes over a name that the server has stored. @param {string} title */
  rename(title) {
    this.title = title;
    this.dispatchEvent(new Event('title'));
  }

  stop() {
    this.#reply?.abort();
  }

  /**
   * @param {Message} message a reply
   * @param {import('../api.js').Thumb | null} rating null withdraws
   * @param {string} [correction] the reply that the user wants
   */
  async rate(message, rating, correction) {
    const stored = await api.rate({ completion_id: message.completionId ?? '', rating, ...(correction === undefined ? {} : { correction }) });
    message.rating = rating === null ? null : { rating, correction: stored?.correction ?? correction ?? null };
    this.#grew(message);
  }

  async #answer() {
    const last = this.messages.findLast((message) => message.role === 'assistant');
    const turns = () => toTurns(this.messages.slice(0, -1));
    const message = blank('assistant');
    this.messages.push(message);
    const reply = new AbortController();
    this.#reply = reply;
    this.#changed();

    try {
      await store.engineStarted(reply.signal);
      if (last?.state === 'stopped') await this.#readStopped(last);
      for await (const piece of streamCompletion({ messages: turns(), conversation: this.id, signal: reply.signal })) {
        if (message.completionId === null) drafts.clear(`sent:${this.id}`);
        take(message, piece);
        this.#grew(message);
      }
      message.state = 'done';
    } catch (error) {
      message.state = reply.signal.aborted ? 'stopped' : 'failed';
      message.error = reply.signal.aborted ? null : /** @type {Error} */ (error);
    }
    this.#reply = null;
    this.#grew(message);
    this.dispatchEvent(new Event('settled'));
  }

  /**
   * When a reply is stopped, the server may have written a word more than reached the page.
   * The history that is sent must be the one that is logged, or the turn and its rating would part.
   * @param {Message} stopped
   */
  async #readStopped(stopped) {
    const stored = await api.readConversation(this.id).catch(() => null);
    const logged = stored?.messages.find((message) => message.completion_id === stopped.completionId);
    if (!logged || stopped.completionId === null) return;
    stopped.content = logged.content ?? '';
    this.#grew(stopped);
  }

  #changed() {
    this.dispatchEvent(new Event('messages'));
  }

  /** @param {Message} message */
  #grew(message) {
    this.dispatchEvent(new CustomEvent('message', { detail: message }));
  }
}
