// @ts-check
// Some messages that follow one another. Until it is drawn it keeps about as much room as they will take.

import { fill, h } from '../dom.js';

/** @typedef {import('./message.js').Message} Message */

const LINE = 75, LINE_HEIGHT = 26, FRAME = 85; // characters; CSS pixels of a line, and of what stands around a message

export class Piece {
  element = h('div', { class: 'piece' });
  #isDrawn = false;

  /**
   * @param {Message[]} messages
   * @param {(message: Message) => HTMLElement} view
   */
  constructor(messages, view) {
    this.messages = messages;
    this.view = view;
    this.#keepRoom();
  }

  /** @param {Message[]} messages in the place of those it had */
  show(messages) {
    if (messages.length === this.messages.length && messages.every((message, i) => message === this.messages[i])) return;
    this.messages = messages;
    if (this.#isDrawn) this.#fill();
    else this.#keepRoom();
  }

  draw() {
    if (this.#isDrawn) return;
    this.#isDrawn = true;
    this.element.style.minHeight = '';
    this.#fill();
  }

  #fill() {
    fill(this.element, this.messages.map(this.view));
  }

  #keepRoom() {
    const height = this.messages.reduce((sum, { content }) => sum + FRAME + LINE_HEIGHT * Math.ceil(content.length / LINE), 0);
    this.element.style.minHeight = `${height}px`;
    this.element.style.containIntrinsicBlockSize = `auto ${height}px`;
  }
}
