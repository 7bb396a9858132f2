// @ts-check
// All assistants: what each is, and what can be done with it.

import { api } from '../api.js';
import { chats } from '../chat/chats.js';
import { fill, h, icon } from '../dom.js';
import { download } from '../download.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { confirm } from '../shell/dialog.js';
import { menuButton } from '../shell/menu.js';
import { store } from '../store.js';
import { editAssistant } from './assistant-dialog.js';
import { editTools } from '../tools/servers-dialog.js';
import { showUsage } from '../usage/usage-dialog.js';
import { avatar } from './avatar.js';
import { choose, refreshAssistants } from './current.js';
import { importAssistant } from './import-dialog.js';

/** @typedef {import('../api.js').Assistant} Assistant */

export class AssistantsView {
  #title = h('h1', { tabindex: -1 }, t('assistants'));
  #problem = h('p', { class: 'error', role: 'alert' });
  #list = h('ul', { class: 'assistants' });
  element = h('div', { class: 'view' },
    h('header', { class: 'view-head' }, this.#title, h('p', { class: 'lead' }, t('assistants.about'))),
    h('div', { class: 'view-content' },
      h('div', { class: 'buttons', 'data-needs': 'admin' },
        h('button', { type: 'button', class: 'button primary', onclick: () => void this.#make(() => editAssistant(null)) }, icon('plus'), t('assistants.new')),
        h('button', { type: 'button', class: 'button', onclick: () => void this.#make(importAssistant) }, icon('upload'), t('assistants.import'))),
      this.#problem, this.#list));

  /** @param {AbortSignal} signal */
  constructor(signal) {
    store.watch(['assistants', 'assistant', 'access'], ({ assistants }) => this.#draw(assistants), signal);
    void refreshAssistants();
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /** @param {Assistant[] | null} assistants */
  #draw(assistants) {
    if (assistants === null) fill(this.#list, h('li', { class: 'skeleton tall', role: 'status', 'aria-label': t('loading') }));
    else fill(this.#list, assistants.map((assistant) => this.#card(assistant)));
  }

  /** @param {Assistant} assistant */
  #card(assistant) {
    const { id, name, base, system, learning, problem } = assistant;
    const isFirst = id === 'assistant';
    const { button, menu } = menuButton(t('assistants.menu', { name }), () => [
      { text: t('assistants.edit'), icon: 'pencil', act: () => void this.#make(() => editAssistant(assistant)) },
      { text: t('tools'), icon: 'tool', act: () => void editTools(assistant) },
      { text: t('assistants.copy'), icon: 'copy', act: () => void this.#make(() => editAssistant(null, assistant)) },
      { text: t('history.export'), icon: 'download', act: () => void this.#attempt(() => download(`/api/assistants/${encodeURIComponent(id)}/export`, `${id}.zip`)) },
      ...isFirst ? [] : [{ text: t('history.delete'), icon: /** @type {const} */ ('trash'), isDanger: true, act: () => void this.#remove(assistant) }],
    ]);
    return h('li', { class: `card assistant-card${id === store.state.assistant ? ' current' : ''}`, 'data-assistant': id },
      h('div', { class: 'card-head' },
        h('div', { class: 'assistant-name' }, avatar(assistant), h('div', {}, h('h2', {}, name), h('p', { class: 'quiet' }, h('code', {}, id), ' · ', base))),
        h('div', { 'data-needs': 'admin' }, button, menu)),
      system ? h('p', { class: 'assistant-system' }, system) : null,
      problem ? h('p', { class: 'version-problem' }, icon('warning'), h('span', { lang: 'en' }, problem)) : null,
      h('p', { class: 'quiet' }, [
        typeof learning.version === 'number' ? t('version.name', { number: learning.version }) : null,
        t('assistants.examples', { count: learning.examples }), learning.new > 0 ? t('assistants.waiting', { count: learning.new }) : null,
      ].filter(Boolean).join(' · ')),
      h('div', { class: 'buttons' },
        h('a', { class: 'button small', href: '#/', onclick: () => choose(id), 'aria-label': t('assistants.chatWith', { name }) }, icon('chat'), t('assistants.chat')),
        h('a', { class: 'button small', href: '#/learning', onclick: () => choose(id), 'aria-label': t('assistants.learningOf', { name }) }, icon('learn'), t('learning')),
        h('button', { type: 'button', class: 'button small', 'aria-label': t('usage.of', { name }), onclick: () => void showUsage(name, () => api.readAssistantUsage(id)) }, icon('usage'), t('usage'))));
  }

  /** @param {() => Promise<Assistant | null>} work */
  async #make(work) {
    if (await work() !== null) await refreshAssistants();
  }

  /** @param {Assistant} assistant */
  async #remove({ id, name, learning }) {
    const text = t('assistants.delete.text', { examples: learning.examples, versions: learning.versions });
    if (!await confirm({ title: t('assistants.delete.title', { name }), text, action: t('assistants.delete') })) return;
    await this.#attempt(() => api.deleteAssistant(id));
    await refreshAssistants();
    chats.dispatchEvent(new Event('settled')); // its conversations are gone from the list
    this.#title.focus(); // its card goes
  }

  /** @param {() => Promise<unknown>} work */
  async #attempt(work) {
    try {
      await work();
      fill(this.#problem);
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }
}
