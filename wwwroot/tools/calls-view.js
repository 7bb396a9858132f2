// @ts-check
// The calls of a reply: each folded with its arguments and its result, and the question whether it may run.

import { fill, h, icon } from '../dom.js';
import { t } from '../i18n/i18n.js';
import { findTool } from './toolbox.js';

/** @typedef {import('./calls.js').Call} Call */

/** How much of a long text is shown; the model has all of it. */
const SHOWN = 20_000;

export class CallsView {
  element = h('div', { class: 'calls', hidden: true });
  #shown = '';

  /**
   * @param {import('../chat/chat.js').Chat} chat
   * @param {import('../chat/message.js').Message} message
   */
  constructor(chat, message) {
    this.chat = chat;
    this.message = message;
  }

  /** @param {boolean} isGrowing whether the reply is still being written */
  draw(isGrowing) {
    const { calls } = this.message;
    const asks = !isGrowing && this.chat.messages.at(-1) === this.message;
    const key = JSON.stringify([calls, asks, calls.map(({ name }) => findTool(this.chat.assistant, name) !== null)]);
    if (key === this.#shown) return; // replacing the buttons would lose the focus on them
    this.#shown = key;
    this.element.hidden = calls.length === 0;
    fill(this.element, calls.map((call) => this.#call(call, asks)));
  }

  /** @param {Call} call @param {boolean} asks */
  #call(call, asks) {
    const tool = findTool(this.chat.assistant, call.name);
    const isOpen = asks && call.state === 'asked';
    return h('section', { class: `call ${call.state}`, 'aria-label': t('tools.call', { tool: nameOf(call) }) },
      h('details', { open: isOpen },
        h('summary', {}, icon('tool'), h('span', { class: 'call-name' }, nameOf(call)), h('span', { class: 'quiet' }, this.#status(call, isOpen && tool !== null))),
        tool?.description && h('p', { class: 'quiet call-about', dir: 'auto' }, tool.description),
        text(t('tools.arguments'), pretty(call.arguments)),
        call.result !== null && call.state !== 'refused' && text(t('tools.result'), call.result)),
      isOpen && tool !== null && this.#question(call));
  }

  /** @param {Call} call @param {boolean} isAsked */
  #status({ state }, isAsked) {
    if (state === 'asked') return isAsked ? t('tools.state.asked') : t('tools.state.none');
    return t(`tools.state.${state}`);
  }

  /** @param {Call} call */
  #question(call) {
    const { chat, message } = this;
    const allow = (/** @type {'once' | 'chat' | 'always'} */ how) => h('button', {
      type: 'button', class: how === 'once' ? 'button small primary' : 'button small', onclick: () => void chat.allow(message, call, how),
    }, t(`tools.allow.${how}`));
    return h('div', { class: 'consent', role: 'group', 'aria-label': t('tools.question', { tool: nameOf(call) }) },
      h('p', {}, t('tools.question', { tool: nameOf(call) })),
      h('div', { class: 'buttons' }, allow('once'), allow('chat'), allow('always'),
        h('button', { type: 'button', class: 'button small', onclick: () => void chat.refuse(message, call) }, t('tools.refuse'))));
  }
}

/** @param {string} label @param {string} content */
function text(label, content) {
  const shown = content.length > SHOWN ? `${content.slice(0, SHOWN)}…` : content;
  return h('div', { class: 'call-text' }, h('p', { class: 'quiet' }, label), h('pre', { tabindex: 0, dir: 'auto', 'aria-label': label }, shown));
}

/** `files__read` → files · read @param {Call} call */
const nameOf = ({ name }) => name.replace('__', ' · ');

/** @param {string} json */
function pretty(json) {
  try {
    return JSON.stringify(JSON.parse(json === '' ? '{}' : json), null, 2);
  } catch {
    return json;
  }
}
