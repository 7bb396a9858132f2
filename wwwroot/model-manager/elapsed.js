// @ts-check

import { h } from '../dom.js';
import { duration } from '../format.js';

/** Seconds that go by, as long as they are shown. Not read aloud: each of them would interrupt. */
export class Elapsed {
  element = h('span', { class: 'elapsed', 'aria-hidden': 'true' });

  /** @param {number} since milliseconds */
  constructor(since) {
    const draw = () => { this.element.textContent = duration((Date.now() - since) / 1000); };
    draw();
    const timer = setInterval(() => (this.element.isConnected ? draw() : clearInterval(timer)), 1000);
  }
}
