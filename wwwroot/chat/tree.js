// @ts-check
// A conversation is a tree: a regenerated reply stands beside the first one, an edited question beside the original. One branch is shown. Pure.

import { answer } from '../tools/calls.js';
import { fromStored, isShown } from './message.js';

/** @typedef {import('./message.js').Message} Message */

export class Tree {
  /** Messages after a message; null: at the beginning. @type {Map<Message | null, Message[]>} */
  #after = new Map();
  /** Which of them is shown. @type {Map<Message | null, Message>} */
  #chosen = new Map();
  /** @type {Map<Message, Message | null>} */
  #before = new Map();

  /** The branch that is shown, oldest first. @returns {Message[]} */
  get shown() {
    const branch = [];
    for (let message = this.#chosen.get(null); message; message = this.#chosen.get(message)) branch.push(message);
    return branch;
  }

  /** What is shown and what stands beside it: another one when anything of it has changed. */
  get fingerprint() {
    return JSON.stringify(this.shown.map((message) => [this.siblings(message).length, message.role, message.content, message.calls, message.completionId, message.rating?.rating, message.rating?.correction ?? '', message.rating?.comment ?? '', message.rating?.reasons ?? []]));
  }

  /** Whether a logged reply is one of this tree. @param {string | null} completionId */
  has(completionId) {
    return [...this.#before.keys()].some((message) => message.completionId === completionId);
  }

  /** Whether a reply is here that the server does not have: nothing came of it. */
  get hasUnlogged() {
    return [...this.#after.values()].flat().some(({ role, completionId }) => role === 'assistant' && completionId === null);
  }

  /** What else could be said where this is said, itself included, oldest first. @param {Message} message */
  siblings(message) {
    return this.#after.get(this.before(message)) ?? [message];
  }

  /** What this answers to. @param {Message} message */
  before(message) {
    return this.#before.get(message) ?? null;
  }

  /** Puts a message behind another (null: at the beginning) and shows it. @template {Message} T @param {T} message @param {Message | null} after */
  add(message, after) {
    this.#after.set(after, [...this.#after.get(after) ?? [], message]);
    this.#before.set(message, after);
    this.#chosen.set(after, message);
    return message;
  }

  /** Takes back a message to which nothing was said. @param {Message} message */
  remove(message) {
    const before = this.before(message);
    const rest = this.siblings(message).filter((other) => other !== message);
    this.#after.set(before, rest);
    this.#before.delete(message);
    if (this.#chosen.get(before) === message) {
      if (rest.length > 0) this.#chosen.set(before, /** @type {Message} */ (rest.at(-1)));
      else this.#chosen.delete(before);
    }
  }

  /** Shows the branch through this message, on from there as it was last seen. @param {Message} message */
  show(message) {
    for (let at = /** @type {Message | null} */ (message); at; at = this.before(at)) this.#chosen.set(this.before(at), at);
  }

  /**
   * @param {import('../api.js').StoredMessage[]} shown
   * @param {import('../api.js').StoredMessage[]} others
   */
  static of(shown, others) {
    const tree = new Tree();
    /** @type {Map<number, Message | null>} */
    const places = new Map();
    const at = (/** @type {number | null} */ id) => (id === null ? null : places.get(id) ?? null);
    const onBranch = new Map(shown.map((stored) => [stored.id, stored]));
    for (const stored of [...shown, ...others].sort((a, b) => a.id - b.id || a.variant - b.variant)) {
      const before = at(stored.parent_id);
      const message = isShown(stored) ? tree.#take(fromStored(stored), before) : before; // what is not shown has no place of its own
      if (stored.role === 'tool' && before) answer(before.calls, stored.tool_call_id, stored.content);
      if ((onBranch.get(stored.id) ?? stored) === stored) places.set(stored.id, message); // of replies with the same words one goes on: the one shown, else the last
    }
    const end = shown.findLast(isShown);
    const last = end && at(end.id);
    if (end && last) tree.show(tree.siblings(last).find((message) => message.completionId !== null && message.completionId === end.completion_id) ?? last);
    return tree;
  }

  /** The same words after another system prompt are the same message, unless they are a reply of their own, or were looked up elsewhere. @param {Message} message @param {Message | null} before */
  #take(message, before) {
    const same = (this.#after.get(before) ?? []).find((other) => other.role === message.role && other.content.trim() === message.content.trim() && String(other.documents) === String(message.documents));
    if (same && message.completionId === null) return same;
    if (same && same.completionId === null && same.role === 'assistant') return Object.assign(same, message);
    return this.add(message, before);
  }
}
