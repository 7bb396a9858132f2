// @ts-check
// The messages of a conversation in pieces: a piece is drawn when it comes near to what its reader sees, so that a talk of ten thousand messages opens as one of ten.

import { fill, h } from '../dom.js';
import { Piece } from './piece.js';

/** @typedef {import('./message.js').Message} Message */
/** @typedef {import('./user-message-view.js').UserMessageView | import('./reply-view.js').ReplyView} MessageView */

const PIECE = 10; // messages

export class MessageList {
  element = h('div', { class: 'messages' });
  /** @type {Piece[]} */
  #pieces = [];
  /** @type {Map<Message, MessageView>} */
  #views = new Map();
  #near;

  /**
   * @param {(message: Message) => MessageView} draw
   * @param {HTMLElement} scroller in which the list is
   * @param {AbortSignal} signal ends it
   */
  constructor(draw, scroller, signal) {
    this.draw = draw;
    scroller.append(this.element);
    this.#near = new IntersectionObserver((entries) => this.#came(entries), { root: scroller, rootMargin: '100% 0px' }); // a screen ahead, up and down
    signal.addEventListener('abort', () => this.#near.disconnect());
    addEventListener('beforeprint', () => this.#pieces.forEach((piece) => piece.draw()), { signal });
  }

  /** Something else than messages. @param {...(import('../dom.js').Child | import('../dom.js').Child[])} content */
  showInstead(...content) {
    this.#near.disconnect();
    this.#pieces = [];
    fill(this.element, ...content);
  }

  /** @param {Message[]} messages @param {Node | null} [after] what follows them */
  show(messages, after = null) {
    const count = Math.ceil(messages.length / PIECE);
    for (const surplus of this.#pieces.splice(count)) this.#near.unobserve(surplus.element);
    for (let i = 0; i < count; i++) {
      const part = messages.slice(i * PIECE, (i + 1) * PIECE);
      const known = this.#pieces[i];
      if (known) known.show(part);
      else this.#pieces.push(new Piece(part, (message) => this.view(message).element));
    }
    const elements = this.#pieces.map(({ element }) => element);
    if (after || elements.length !== this.element.childElementCount || elements.some((element, i) => element !== this.element.children[i])) fill(this.element, elements, after);
    for (const element of elements) this.#near.observe(element);
    for (const piece of this.#pieces.slice(-3)) piece.draw(); // where a conversation is read first
    this.update();
  }

  /** The view of a message, drawn with its newest state. @param {Message} message */
  view(message) {
    const view = this.#views.get(message) ?? this.draw(message);
    this.#views.set(message, view);
    view.update();
    return view;
  }

  /** Draws again what has been drawn. */
  update() {
    for (const view of this.#views.values()) if (view.element.isConnected) view.update();
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #came(entries) {
    const near = new Set(entries.filter(({ isIntersecting }) => isIntersecting).map(({ target }) => target));
    for (const piece of this.#pieces) if (near.has(piece.element)) piece.draw();
  }
}
