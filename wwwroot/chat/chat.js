// @ts-check
// A conversation as the page holds it. It lives on while another view is shown, so a reply goes on in the background.

import { api, ApiError } from '../api.js';
import { Comparison } from '../compare/comparison.js';
import { refreshLearning } from '../live.js';
import { drafts, noDrafts } from '../preferences.js';
import { store } from '../store.js';
import { streamCompletion } from './completion.js';
import { fromStored, plain, toRequest } from './options/options.js';
import { asked, blank, take, toTurns } from './message.js';
import { isAnswered, REFUSED } from '../tools/calls.js';
import { allowAlways, allowInChat, isAllowed } from '../tools/consent.js';
import { findTool, forgetTools, offer, readTools, runTool } from '../tools/toolbox.js';
import { Tree } from './tree.js';

/** @typedef {import('./message.js').Message} Message */
/** @typedef {import('../tools/calls.js').Call} Call */

/**
 * Events: `messages` (the branch that is shown is another, or loading ended), `stepped` (detail: to which message), `message` (detail: the one that
 * changed), `settled` (a reply ended), `title`, `options`.
 */
export class Chat extends EventTarget {
  #tree = new Tree();
  /** The branch that is shown, oldest first. @type {Message[]} */
  messages = [];
  /** @type {string | null} */
  title = null;
  /** @type {'new' | 'loading' | 'open' | 'missing' | 'unreachable'} */
  phase = 'new';
  /** @type {Error | null} */
  error = null;
  /** @type {AbortController | null} */
  #reply = null;
  /** Two replies to the last message shown, until one of them is chosen or none of them wanted. @type {Comparison | null} */
  comparison = null;
  /** The reply in whose place it stands. @type {Message | null} */
  #compared = null;

  /** Changes of this page of which the server has not told yet: those are no news. */
  #expected = { rated: 0, changed: 0 };

  /** Whom it is with: the one that the page is about when it begins, for ever. */
  assistant = store.state.assistant;

  /** What its next reply is asked for with. @type {import('./options/options.js').Options} */
  options = plain();

  /** Ids of the collections that the next message alone is looked up in. @type {string[]} */
  attached = [];

  /**
   * @param {string} id a UUID; the server learns it with the first message
   * @param {boolean} [isTemporary] nothing of it is kept, here or there
   */
  constructor(id, isTemporary = false) {
    super();
    this.id = id;
    this.isTemporary = isTemporary;
    this.drafts = isTemporary ? noDrafts : drafts;
  }

  /** Whether a reply is being written, or chosen: what would change the branch has to wait. */
  get isBusy() {
    return this.isReplying || this.comparison !== null;
  }

  get isReplying() {
    return this.#reply !== null || this.comparison?.isOver === false;
  }

  /** @param {import('./options/options.js').Options} options what its next reply is asked for with */
  choose(options) {
    this.options = options;
    this.dispatchEvent(new Event('options'));
  }

  /** @param {string[]} documents ids of the collections that the next message alone is looked up in */
  attach(documents) {
    this.attached = documents;
    this.dispatchEvent(new Event('options'));
  }

  /** Reads the conversation from the server. */
  async load() {
    this.phase = 'loading';
    this.#changed();
    try {
      const stored = await api.readConversation(this.id);
      this.title = stored.title;
      this.assistant = stored.assistant;
      this.#tree = Tree.of(stored.messages, stored.other_messages);
      this.options = fromStored(stored);
      this.phase = 'open';
      if (this.#tree.shown.at(-1)?.calls.length) await readTools(this.assistant).catch(() => {}); // whether they can be run is shown
    } catch (error) {
      this.error = /** @type {Error} */ (error);
      const unknown = error instanceof ApiError && error.status === 404;
      const neverArrived = this.drafts.get(`sent:${this.id}`) !== null;
      this.phase = !unknown ? 'unreachable' : neverArrived ? 'new' : 'missing';
    }
    this.#changed();
  }

  /** What the server says has become of it: news, unless this page has done it. @param {import('../api.js').News} news */
  told({ change, completion_id }) {
    if ((change === 'rated' || change === 'changed') && this.#expected[change] > 0) this.#expected[change]--;
    else if (change !== 'answered' || !this.#tree.has(completion_id ?? null)) void this.catchUp();
  }

  /** Takes over what other tabs and programs have made of it since it was read. What only this page has stays. */
  async catchUp() {
    if (this.phase !== 'open' || this.isBusy || this.isTemporary) return;
    const before = this.#tree.fingerprint;
    let stored;
    try {
      stored = await api.readConversation(this.id);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404 || this.isBusy || this.#tree.hasUnlogged) return;
      this.phase = 'missing'; // it was deleted elsewhere
      return this.#changed();
    }
    if (this.isBusy || this.#tree.hasUnlogged || this.#tree.fingerprint !== before) return;
    if (stored.title !== this.title) this.rename(stored.title);
    const tree = Tree.of(stored.messages, stored.other_messages);
    if (tree.fingerprint === before) return;
    this.#tree = tree;
    this.#changed();
  }

  /** What else was said at the place of a message, itself included. @param {Message} message */
  siblings(message) {
    return this.#tree.siblings(message);
  }

  /** @param {string} text */
  send(text) {
    const documents = this.attached;
    this.attach([]);
    return this.#ask(asked(text, documents), this.messages.at(-1) ?? null);
  }

  /** Asks something else in the place of a question; the conversation goes on from there in a branch of its own. @param {Message} question @param {string} text @param {string[]} documents */
  edit(question, text, documents) {
    return this.#ask(asked(text, documents), this.#tree.before(question));
  }

  /** Asks for another reply to the same question. One of which nothing is logged makes place for it. @param {Message} reply */
  regenerate(reply) {
    const question = this.#tree.before(reply);
    if (reply.completionId === null) this.#tree.remove(reply);
    return this.#answer(question);
  }

  /**
   * Asks two models for other replies to the same question. Which of them goes on is chosen blind.
   * @param {Message} reply
   * @param {string} other than this chat's model
   */
  async compare(reply, other) {
    const question = this.#tree.before(reply);
    const request = this.#request(this.messages.slice(0, this.messages.indexOf(reply)));
    const comparison = this.comparison = new Comparison([this.options.model, other], { ...request, conversation: this.id, goesOnWith: this.options.model });
    this.#compared = reply;
    comparison.addEventListener('chosen', () => this.endComparison());
    this.#changed();
    await comparison.run();
    for (const sibling of comparison.replies) if (sibling.completionId !== null) this.#tree.add(sibling, question);
    this.dispatchEvent(new Event('settled'));
  }

  /** Goes on with the reply that was chosen, or, where none was, with the one that was there before. */
  endComparison() {
    const reply = this.comparison?.preferred ?? this.#compared;
    const wasChosen = this.comparison?.preferred === reply;
    this.comparison = null;
    if (reply) this.#tree.show(reply);
    if (reply?.completionId && !wasChosen) this.#remember(reply.completionId);
    this.#changed();
  }

  /** Shows the branch of a sibling. @param {Message} message */
  show(message) {
    if (this.isBusy) return;
    this.#tree.show(message);
    this.messages = this.#tree.shown;
    this.dispatchEvent(new CustomEvent('stepped', { detail: message }));
    const shown = this.messages.findLast((other) => other.completionId !== null)?.completionId;
    if (shown && !this.isTemporary) this.#remember(shown);
  }

  /** Which branch the next visit shows. @param {string} completion */
  #remember(completion) {
    this.#expected.changed++;
    api.changeConversation(this.id, { shown: completion }).catch(() => { this.#expected.changed--; }); // only the next visit would miss it
  }

  /** Takes the last message back when its reply failed before the first word. @returns {string} what the user wrote */
  takeBack() {
    const [question, reply] = this.messages.slice(-2);
    this.#tree.remove(reply);
    this.#tree.remove(question);
    this.drafts.clear(`sent:${this.id}`);
    if (this.#tree.shown.length === 0) this.phase = 'new';
    this.#changed();
    this.attach(question.documents);
    return question.content;
  }

  /** Takes over a name that the server has stored. @param {string} title */
  rename(title) {
    this.title = title;
    this.dispatchEvent(new Event('title'));
  }

  stop() {
    this.#reply?.abort();
    this.comparison?.stop();
  }

  /**
   * @param {Message} message a reply
   * @param {import('../api.js').Thumb | null} rating null withdraws
   * @param {{ correction?: string, comment?: string, reasons?: string[] }} [words] the reply that the user wants, and why; what is wrong with this one
   */
  async rate(message, rating, words = {}) {
    this.#expected.rated++;
    const stored = await api.rate({ completion_id: message.completionId ?? '', rating, ...words }).catch((error) => {
      this.#expected.rated--;
      throw error;
    });
    message.rating = rating === null ? null : { rating, correction: stored.correction, comment: stored.comment, reasons: stored.reasons };
    this.#grew(message);
    void refreshLearning(); // what waits is another
  }

  /** @param {Message} question @param {Message | null} after */
  async #ask(question, after) {
    for (const call of this.messages.at(-1)?.calls ?? []) if (call.result === null) Object.assign(call, { state: 'refused', result: REFUSED });
    const text = question.content;
    this.drafts.set(`sent:${this.id}`, text); // until the server has taken it
    this.phase = 'open';
    this.title ??= text.trim().split('\n')[0].slice(0, 80);
    await this.#answer(this.#tree.add(question, after));
  }

  /** @param {Message | null} question */
  async #answer(question) {
    const message = this.#tree.add(blank('assistant'), question);
    const reply = new AbortController();
    this.#reply = reply;
    this.#changed();
    const history = this.messages.slice(0, -1);
    const last = history.findLast((other) => other.role === 'assistant');

    try {
      await store.engineStarted(reply.signal);
      if (last?.state === 'stopped' && !this.isTemporary) await this.#readStopped(last);
      const tools = await offer(this.options, history.length - 1 - history.findLastIndex((other) => other.role === 'user'));
      for await (const piece of streamCompletion({ ...this.#request(history), ...tools }, reply.signal)) {
        if (message.completionId === null) this.drafts.clear(`sent:${this.id}`);
        take(message, piece);
        this.#grew(message);
      }
      message.state = 'done';
    } catch (error) {
      message.state = reply.signal.aborted ? 'stopped' : 'failed';
      message.error = reply.signal.aborted ? null : /** @type {Error} */ (error);
      forgetTools(this.assistant); // one of their servers may be gone
    }
    this.#reply = null;
    this.#grew(message);
    this.dispatchEvent(new Event('settled'));
    if (message.state !== 'done') return;
    if (message.calls.length > 0) await this.#runAllowed(message);
    else if (last && !this.isTemporary) await this.#readFollowUp(message);
  }

  /** Runs a call that its reader allows. @param {Message} message @param {Call} call @param {'once' | 'chat' | 'always'} how */
  async allow(message, call, how) {
    const tool = findTool(this.assistant, call.name);
    if (this.isBusy || tool === null) return;
    if (how === 'chat') allowInChat(this, tool);
    if (how === 'always') allowAlways(this.assistant, tool);
    if (await this.#run(message, call, tool)) await this.#runAllowed(message);
  }

  /** @param {Message} message @param {Call} call */
  async refuse(message, call) {
    if (this.isBusy) return;
    Object.assign(call, { state: 'refused', result: REFUSED });
    this.#grew(message);
    await this.#runAllowed(message);
  }

  /** Runs what needs no question; what does waits for its reader. When each call has a result, the model goes on. @param {Message} message */
  async #runAllowed(message) {
    for (const call of message.calls) {
      const tool = findTool(this.assistant, call.name);
      if (call.result === null && tool !== null && isAllowed(this, this.assistant, tool) && !await this.#run(message, call, tool)) return;
    }
    if (message.calls.length > 0 && isAnswered(message.calls) && this.messages.at(-1) === message && !this.isBusy) await this.#answer(message);
  }

  /** @param {Message} message @param {Call} call @param {import('../tools/toolbox.js').Tool} tool @returns {Promise<boolean>} whether there is a result */
  async #run(message, call, tool) {
    const running = this.#reply = new AbortController();
    call.state = 'running';
    this.#grew(message);
    this.dispatchEvent(new Event('settled')); // what shows whether it can be stopped
    try {
      const { content, failed } = await runTool(this.assistant, tool, call.arguments, running.signal);
      Object.assign(call, { state: failed ? 'failed' : 'done', result: content });
    } catch {
      call.state = 'asked'; // stopped, or the server is gone: it may be allowed again
    }
    this.#reply = null;
    this.#grew(message);
    this.dispatchEvent(new Event('settled'));
    return call.result !== null;
  }

  /** Whether its question said how the reply before should have been: only a hint, so nobody hears of it where that cannot be told. @param {Message} message */
  async #readFollowUp(message) {
    const followUp = await api.readFollowUp(message.completionId ?? '').catch(() => null);
    if (!followUp?.is_suggested) return;
    message.followUp = followUp;
    this.#grew(message);
  }

  /** @param {Message[]} history */
  #request(history) {
    const { system } = this.options;
    const messages = [...system === '' ? [] : [{ role: /** @type {const} */ ('system'), content: system }], ...toTurns(history)];
    return { ...toRequest(this.options), messages, ...this.isTemporary ? { store: false } : { conversation: this.id } };
  }

  /**
   * When a reply is stopped, the server may have written a word more than reached the page.
   * The history that is sent must be the one that is logged, or the turn and its rating would part.
   * @param {Message} stopped
   */
  async #readStopped(stopped) {
    const stored = await api.readConversation(this.id).catch(() => null);
    const logged = stored && [...stored.messages, ...stored.other_messages].find((message) => message.completion_id === stopped.completionId);
    if (!logged || stopped.completionId === null) return;
    stopped.content = logged.content ?? '';
    this.#grew(stopped);
  }

  #changed() {
    const { shown } = this.#tree;
    this.messages = this.comparison && this.#compared ? shown.slice(0, shown.indexOf(this.#compared)) : shown;
    this.dispatchEvent(new Event('messages'));
  }

  /** @param {Message} message */
  #grew(message) {
    this.dispatchEvent(new CustomEvent('message', { detail: message }));
  }
}
