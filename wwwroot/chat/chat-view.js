// @ts-check
// The conversation in the middle of the page.

import { whoWasWho, ComparisonView } from '../compare/comparison-view.js';
import { h, icon } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { Announcer } from './announcer.js';
import { Composer } from './composer.js';
import { ContextMeter } from './context-meter.js';
import { engineNotice } from './engine-notice.js';
import { MessageList } from './message-list.js';
import { ReplyView } from './reply-view.js';
import { UserMessageView } from './user-message-view.js';
import { welcome } from './welcome.js';

/** @typedef {import('./chat.js').Chat} Chat */
/** @typedef {import('./message.js').Message} Message */

/** Within this distance of the end (CSS pixels) the view follows a growing reply. */
const FOLLOW_DISTANCE = 80;

export class ChatView {
  #scroller = h('div', { class: 'scroller', tabindex: -1, onscroll: () => this.#scrolled() });
  #toEnd = h('button', { type: 'button', class: 'icon-button to-end', hidden: true, 'aria-label': t('chat.toEnd'), title: t('chat.toEnd'), onclick: () => this.#follow(true) }, icon('down_arrow'));
  #announcer = new Announcer();
  #following = true;

  /**
   * @param {Chat} chat
   * @param {AbortSignal} signal ends the view, not the chat
   */
  constructor(chat, signal) {
    this.chat = chat;
    this.signal = signal;
    this.composer = new Composer(chat, () => this.#editLast(), signal);
    this.meter = new ContextMeter(chat);
    this.list = new MessageList((message) => this.#view(message), this.#scroller, signal);
    this.element = h('div', { class: chat.isTemporary ? 'chat temporary' : 'chat' },
      engineNotice(signal), this.#scroller,
      h('div', { class: 'dock' }, this.#toEnd,
        h('div', { class: 'dock-frame' }, h('div', { class: 'dock-content' }, this.composer.element, this.meter.element, this.composer.options.summary, h('p', { class: 'small-print' }, t(chat.isTemporary ? 'temporary.notice' : 'composer.hint'))))),
      this.#announcer.element);

    chat.addEventListener('messages', () => this.#draw(), { signal });
    chat.addEventListener('stepped', (event) => this.#stepped(/** @type {CustomEvent<Message>} */ (event).detail), { signal });
    chat.addEventListener('message', (event) => this.#grew(/** @type {CustomEvent<Message>} */ (event).detail), { signal });
    chat.addEventListener('settled', () => this.#settled(), { signal });
    chat.addEventListener('options', () => { this.composer.update(); this.meter.draw(); }, { signal });
    const resizes = new ResizeObserver(() => this.#follow());
    resizes.observe(this.#scroller); // a phone's keyboard, a growing composer
    resizes.observe(this.list.element); // code that is coloured, formulas that are drawn
    signal.addEventListener('abort', () => resizes.disconnect());
    this.#draw();
  }

  /** Puts the cursor where the user goes on. */
  focus() {
    this.composer.focus();
  }

  #draw() {
    const { chat } = this;
    const unsent = chat.isReplying ? null : chat.drafts.get(`sent:${chat.id}`);
    if (unsent && chat.phase !== 'loading' && chat.messages.at(-1)?.state !== 'failed') this.composer.restore(unsent);
    this.composer.update();
    this.meter.draw();

    const hadFocus = this.list.element.contains(document.activeElement);
    this.element.classList.toggle('empty', chat.phase === 'new');
    if (chat.phase === 'new') this.list.showInstead(welcome(chat.isTemporary, (text) => { this.composer.write(text); this.composer.focus(); }, this.signal));
    else if (chat.phase === 'loading') this.list.showInstead(skeleton());
    else if (chat.phase === 'open') this.list.show(chat.messages, chat.comparison && this.#sideBySide(chat.comparison));
    else this.list.showInstead(this.#failure());
    if (hadFocus) this.composer.focus();
    if (chat.phase === 'open') this.#follow(true);
    else this.#scroller.scrollTop = 0; // what begins there is read from its beginning, however high it is
  }

  /** @param {import('../compare/comparison.js').Comparison} comparison */
  #sideBySide(comparison) {
    const skip = h('button', { type: 'button', class: 'button', onclick: () => this.chat.endComparison() }, t('compare.skip'));
    comparison.addEventListener('chosen', () => {
      this.list.element.append(h('p', { class: 'quiet', role: 'status' }, whoWasWho(comparison.replies)));
      this.#follow(true);
    });
    return new ComparisonView(comparison, { instead: [skip] }).element;
  }

  /** Other messages from here on, at the same place of the screen. @param {Message} message */
  #stepped(message) {
    const button = document.activeElement?.getAttribute('data-step') ?? null;
    this.list.show(this.chat.messages);
    const view = this.list.view(message);
    view.pager.draw();
    if (button) view.pager.focus(button);
    const siblings = this.chat.siblings(message);
    this.#announcer.say(t('pager.place', { at: siblings.indexOf(message) + 1, of: siblings.length }));
    this.composer.update();
    this.meter.draw();
    this.#scrolled();
  }

  /** @param {Message} message */
  #view(message) {
    return message.role === 'user' ? new UserMessageView(this.chat, message) : new ReplyView(this.chat, message, () => this.#edit());
  }

  /** @param {Message} message */
  #grew(message) {
    this.list.view(message);
    if (this.chat.isReplying) this.#followNext();
    if (message.state === 'writing') this.#announcer.follow(message, message.content, false);
  }

  #editLast() {
    const last = this.chat.messages.findLast(({ role }) => role === 'user');
    const view = last && this.list.view(last);
    if (view instanceof UserMessageView) view.edit();
  }

  #edit() {
    this.composer.restore(this.chat.takeBack());
    this.composer.focus();
  }

  #settled() {
    const message = this.chat.messages.at(-1);
    if (this.chat.comparison) this.#announcer.say(t('compare.which'));
    else if (message?.calls.some(({ state }) => state === 'asked')) this.#announcer.say(t('tools.announce'));
    else if (message?.state === 'done') this.#announcer.follow(message, message.content, true);
    if (message?.state === 'stopped') this.#announcer.say(t('chat.stopped'));
    this.meter.draw();
    this.list.update(); // what cannot be done during a reply can be done again
    this.composer.update();
    this.#followNext();
  }

  /** After the message has been drawn, which happens at the next frame. */
  #followNext() {
    requestAnimationFrame(() => this.#follow());
  }

  #failure() {
    const { chat } = this;
    if (chat.phase === 'missing') {
      return h('div', { class: 'empty-state' }, h('h2', {}, t('chat.missing')), h('p', {}, t('chat.missing.hint')), h('a', { class: 'button', href: '#/' }, t('chat.new')));
    }
    return h('div', { class: 'empty-state', role: 'alert' }, h('h2', {}, t('chat.unreadable')), h('p', {}, explain(chat.error)),
      h('button', { type: 'button', class: 'button', onclick: () => void chat.load() }, icon('retry'), t('retry')));
  }

  /** Keeps the end in sight, unless the reader has scrolled up. @param {boolean} [again] takes it up again */
  #follow(again = false) {
    if (this.chat.phase !== 'open') return;
    this.#following ||= again;
    if (this.#following) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#toEnd.hidden = this.#following;
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    this.#following = scrollHeight - scrollTop - clientHeight < FOLLOW_DISTANCE;
    this.#toEnd.hidden = this.#following || this.chat.phase !== 'open';
  }
}

function skeleton() {
  return h('div', { class: 'skeletons', role: 'status', 'aria-label': t('loading') },
    h('div', { class: 'skeleton short end' }), h('div', { class: 'skeleton' }), h('div', { class: 'skeleton' }), h('div', { class: 'skeleton short' }));
}
