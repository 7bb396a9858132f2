// @ts-check
// In the top bar: whom a new chat is with. There once there are several.

import { fill, h } from '../dom.js';
import { t } from '../i18n/i18n.js';
import { menuButton } from '../shell/menu.js';
import { store } from '../store.js';
import { avatar } from './avatar.js';
import { assistants, choose, find } from './current.js';

export class Picker {
  #menu = menuButton(t('assistants.choose'), () => [
    ...assistants().map((assistant) => this.#item(assistant)),
    { text: t('assistants.manage'), icon: 'settings', act: () => { location.hash = '#/assistants'; } },
  ]);
  element = h('div', { class: 'assistant-picker' }, this.#menu.button, this.#menu.menu);

  /** @param {AbortSignal} signal */
  constructor(signal) {
    store.watch(['assistants', 'assistant'], ({ assistant }) => this.#draw(find(assistant)), signal);
  }

  /** @param {import('../api.js').Assistant | undefined} current */
  #draw(current) {
    this.element.hidden = assistants().length < 2 || !current;
    if (!current) return;
    this.#menu.button.className = 'assistant-button';
    fill(this.#menu.button, avatar(current), h('span', { class: 'picked-name' }, current.name));
    this.#menu.button.setAttribute('aria-label', t('assistants.chosen', { name: current.name }));
  }

  /** @param {import('../api.js').Assistant} assistant @returns {import('../shell/menu.js').MenuItem} */
  #item({ id, name }) {
    return { text: name, icon: id === store.state.assistant ? 'check' : 'chat', act: () => this.#choose(id) };
  }

  /** In the Learning view its own is shown; elsewhere a chat with it begins. @param {string} id */
  #choose(id) {
    choose(id);
    if (location.hash === '#/learning' || location.hash === '#/assistants') return;
    location.hash = '#/';
  }
}
