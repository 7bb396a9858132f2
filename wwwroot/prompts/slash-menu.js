// @ts-check
// Prompts by their names, while `/name` is typed into an empty composer. The cursor stays where it is.

import { api } from '../api.js';
import { fill, h, set } from '../dom.js';
import { t } from '../i18n/i18n.js';

/** @typedef {import('../api.js').Prompt} Prompt */

const MOST = 8; // listed at once
const TYPED = /^\/(\S*)$/;

export class SlashMenu {
  element = h('ul', { id: 'slash-menu', class: 'slash-menu', role: 'listbox', popover: 'manual', 'aria-label': t('prompts') });
  /** @type {Prompt[]} */
  #prompts = [];
  /** @type {Prompt[]} */
  #found = [];
  #at = 0;

  /**
   * @param {HTMLTextAreaElement} field
   * @param {(prompt: Prompt) => void} take
   */
  constructor(field, take) {
    this.field = field;
    this.take = take;
    for (const [name, value] of Object.entries({ 'aria-autocomplete': 'list', 'aria-haspopup': 'listbox' })) set(field, name, value);
    field.addEventListener('blur', () => this.#close());
  }

  get isOpen() {
    return this.element.matches(':popover-open');
  }

  /** The text of the composer is another. */
  async typed() {
    const text = this.field.value;
    if (text === '/') this.#prompts = await api.listPrompts().then(({ data }) => data, () => []); // nobody who writes is to be disturbed
    if (this.field.value === text) this.#draw();
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether it was for this menu */
  key(event) {
    if (!this.isOpen || event.isComposing) return false;
    const count = this.#found.length;
    if (event.key === 'ArrowDown') this.#mark((this.#at + 1) % count);
    else if (event.key === 'ArrowUp') this.#mark((this.#at - 1 + count) % count);
    else if (event.key === 'Escape') this.#close();
    else if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) this.#choose(this.#found[this.#at]);
    else return false;
    event.preventDefault();
    return true;
  }

  #draw() {
    const wanted = TYPED.exec(this.field.value)?.[1].toLowerCase();
    this.#found = wanted === undefined ? [] : this.#prompts.filter(({ name }) => name.toLowerCase().replaceAll(' ', '-').includes(wanted)).slice(0, MOST);
    if (this.#found.length === 0) return this.#close();
    fill(this.element, this.#found.map((prompt, i) => h('li', { id: `slash-${i}`, role: 'option', onpointerdown: (/** @type {Event} */ event) => { event.preventDefault(); this.#choose(prompt); } },
      h('span', { class: 'prompt-name', dir: 'auto' }, prompt.name), h('span', { class: 'quiet', dir: 'auto' }, prompt.text.slice(0, 100)))));
    set(this.field, 'aria-controls', this.element.id);
    this.element.showPopover();
    this.#mark(0);
    const at = this.field.form?.getBoundingClientRect() ?? this.field.getBoundingClientRect();
    this.element.style.width = `${at.width}px`;
    this.element.style.left = `${at.left}px`;
    this.element.style.bottom = `${innerHeight - at.top + 6}px`;
  }

  /** @param {number} at */
  #mark(at) {
    this.#at = at;
    [...this.element.children].forEach((option, i) => set(option, 'aria-selected', i === at));
    set(this.field, 'aria-activedescendant', `slash-${at}`);
  }

  /** @param {Prompt} prompt */
  #choose(prompt) {
    this.#close();
    this.take(prompt);
  }

  #close() {
    if (this.isOpen) this.element.hidePopover();
    for (const name of ['aria-controls', 'aria-activedescendant']) this.field.removeAttribute(name);
  }
}
