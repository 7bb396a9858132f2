// @ts-check
// Ctrl+K: every chat, every view and every action by its name, without a mouse (WAI-ARIA combobox with a list).

import { api } from '../api.js';
import { fill, h, icon, set } from '../dom.js';
import { t } from '../i18n/i18n.js';
import { latest } from '../latest.js';
import { show } from '../shell/dialog.js';

/** @typedef {{ text: string, icon: Parameters<typeof icon>[0], act: () => void }} Command */

const CHATS = 8; // listed at once

export class Palette {
  #input = h('input', {
    type: 'search', dir: 'auto', role: 'combobox', autocomplete: 'off', 'aria-label': t('palette'), placeholder: t('palette.placeholder'), 'aria-expanded': true, 'aria-controls': 'palette-list', 'aria-autocomplete': 'list',
    oninput: () => this.#typed(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
  });
  #list = h('ul', { id: 'palette-list', role: 'listbox', 'aria-label': t('palette') });
  #dialog = h('dialog', { class: 'dialog palette', 'aria-label': t('palette') }, h('div', { class: 'search' }, icon('search'), this.#input), this.#list);
  /** @type {Command[]} */
  #found = [];
  #at = 0;
  /** @type {Command[]} */
  #chats = [];
  #readChats = latest(() => api.listConversations({ q: this.#wanted, archived: this.#wanted === '' ? false : undefined, limit: CHATS }).catch(() => null), (page) => {
    this.#chats = (page?.data ?? []).map(({ id, title }) => ({ text: title || t('chat.untitled'), icon: 'chat', act: () => { location.hash = `#/chat/${id}`; } }));
    this.#draw();
  });

  /** @param {Command[]} commands what can be done here and now */
  constructor(commands) {
    this.commands = commands;
  }

  async open() {
    this.#draw();
    void this.#readChats();
    await show(this.#dialog);
  }

  get #wanted() {
    return this.#input.value.trim();
  }

  #typed() {
    this.#at = 0;
    this.#draw();
    void this.#readChats();
  }

  #draw() {
    const words = this.#wanted.toLowerCase().split(/\s+/);
    const commands = this.commands.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
    this.#found = this.#wanted === '' ? [...commands, ...this.#chats] : [...commands.slice(0, CHATS), ...this.#chats];
    this.#at = Math.min(this.#at, Math.max(0, this.#found.length - 1));
    fill(this.#list, this.#found.length === 0 && h('li', { class: 'quiet', role: 'presentation' }, t('palette.nothing')),
      this.#found.map((command, i) => h('li', { id: `palette-${i}`, role: 'option', 'aria-selected': i === this.#at, onclick: () => this.#take(command) }, icon(command.icon), h('span', { dir: 'auto' }, command.text))));
    this.#mark();
  }

  #mark() {
    [...this.#list.querySelectorAll('[role=option]')].forEach((option, i) => set(option, 'aria-selected', i === this.#at));
    const chosen = this.#list.querySelector('[aria-selected=true]');
    set(this.#input, 'aria-activedescendant', chosen?.id);
    chosen?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {Command} command */
  #take({ act }) {
    this.#dialog.close();
    act();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const last = this.#found.length - 1;
    if (event.key === 'ArrowDown') this.#at = this.#at < last ? this.#at + 1 : 0;
    else if (event.key === 'ArrowUp') this.#at = this.#at > 0 ? this.#at - 1 : last;
    else if (event.key === 'Enter' && this.#found[this.#at]) return this.#take(this.#found[this.#at]);
    else return;
    event.preventDefault();
    this.#mark();
  }
}
