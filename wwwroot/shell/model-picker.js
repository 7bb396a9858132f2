// @ts-check
// A button that says which model is chosen, and opens the list of all: searched when it is long. It knows nothing of where they come from.

import { fill, h, icon, set } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';

/**
 * @typedef {object} PickerItem
 * @property {string} id
 * @property {string} name
 * @property {string} group under which heading it stands
 * @property {string} [detail] what else is to be known of it
 * @property {boolean} [isLoaded]
 * @property {string | null} [problem] why it cannot be chosen
 */

/** So many fit on a screen; more can be searched. */
const SEARCHED_FROM = 9;

export class ModelPicker {
  #name = h('span');
  #list = h('div');
  #search = h('input', { type: 'search', placeholder: t('picker.search'), 'aria-label': t('picker.search'), autocomplete: 'off', oninput: () => this.#draw() });
  #searchFrame = h('div', { class: 'search', hidden: true }, icon('search'), this.#search);
  #panel = h('div', { id: 'model-picker', class: 'picker', popover: 'auto', role: 'dialog', 'aria-label': t('picker'), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event), ontoggle: (/** @type {ToggleEvent} */ event) => set(this.button, 'aria-expanded', event.newState === 'open') },
    this.#searchFrame, this.#list, h('a', { class: 'picker-foot', href: '#/models', onclick: () => this.#panel.hidePopover() }, t('picker.more')));
  button = h('button', { type: 'button', class: 'picker-button', 'aria-haspopup': 'dialog', 'aria-expanded': false, 'aria-controls': 'model-picker', onclick: () => void this.#open() }, this.#name, icon('chevron'));
  element = h('div', { class: 'model-picker' }, this.button, this.#panel);
  /** @type {PickerItem[]} */
  #items = [];
  #chosen = '';

  /**
   * @param {() => Promise<PickerItem[]>} items asked each time it opens
   * @param {(id: string) => void} choose
   */
  constructor(items, choose) {
    this.items = items;
    this.choose = choose;
  }

  /** @param {string} id @param {string} name */
  show(id, name) {
    this.#chosen = id;
    this.#name.textContent = name;
    set(this.button, 'aria-label', t('picker.chosen', { name }));
    set(this.button, 'title', name);
  }

  async #open() {
    fill(this.#list, h('p', { class: 'quiet', role: 'status' }, t('loading')));
    this.#search.value = '';
    this.#panel.showPopover();
    this.#place();
    try {
      this.#items = await this.items();
      this.#searchFrame.hidden = this.#items.length < SEARCHED_FROM;
      this.#draw();
    } catch (error) {
      fill(this.#list, h('p', { class: 'error', role: 'alert' }, explain(/** @type {Error} */ (error))));
    }
    const first = this.#searchFrame.hidden ? this.#list.querySelector('[aria-current]') ?? this.#entries()[0] : this.#search;
    if (first instanceof HTMLElement) first.focus();
  }

  #place() {
    const at = this.button.getBoundingClientRect();
    this.#panel.style.top = `${at.bottom + 4}px`;
    this.#panel.style.left = `${Math.max(8, Math.min(at.left, innerWidth - 8 - this.#panel.offsetWidth))}px`;
  }

  #draw() {
    const wanted = this.#search.value.trim().toLowerCase();
    const found = this.#items.filter(({ id, name, detail = '' }) => `${id} ${name} ${detail}`.toLowerCase().includes(wanted));
    const groups = Map.groupBy(found, ({ group }) => group);
    fill(this.#list, found.length === 0 && h('p', { class: 'quiet', role: 'status' }, t('picker.nothing')),
      [...groups].map(([group, items], i) => h('section', {}, h('h3', { id: `picker-${i}` }, group), h('ul', { 'aria-labelledby': `picker-${i}` }, items.map((item) => h('li', {}, this.#row(item)))))));
  }

  /** @param {PickerItem} item */
  #row({ id, name, detail, isLoaded, problem }) {
    const content = [h('span', {}, name), isLoaded && h('span', { class: 'tag' }, t('models.isLoaded')), (problem ?? detail) && h('span', { class: 'detail', lang: problem ? 'en' : null }, problem ?? detail)];
    return problem
      ? h('div', {}, content)
      : h('button', { type: 'button', 'aria-current': id === this.#chosen ? 'true' : null, onclick: () => this.#take(id) }, content);
  }

  /** @param {string} id */
  #take(id) {
    this.#panel.hidePopover();
    this.button.focus();
    this.choose(id);
  }

  #entries() {
    return [...this.#list.querySelectorAll('button')];
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const all = this.#entries();
    const at = all.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (event.key === 'ArrowDown') all[Math.min(at + 1, all.length - 1)]?.focus();
    else if (event.key === 'ArrowUp') (at > 0 ? all[at - 1] : this.#searchFrame.hidden ? all[0] : this.#search)?.focus();
    else if (event.key === 'Enter' && at < 0 && document.activeElement === this.#search) all[0]?.click();
    else return;
    event.preventDefault();
  }
}
