// @ts-check
// One reply: markdown, its thumbs, other replies to the same question.

import { ApiError } from '../api.js';
import { copyButton } from '../copy.js';
import { fill, h, icon } from '../dom.js';
import { footnotes } from '../documents/footnotes.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { MarkdownView } from '../markdown.js';
import { menuButton } from '../shell/menu.js';
import { store } from '../store.js';
import { versionOf } from './message.js';
import { choiceName, readChoices } from './models.js';
import { isAssistant } from '../assistants/current.js';
import { CallsView } from '../tools/calls-view.js';
import { FoldedView } from './folded-view.js';
import { FollowUpView } from './follow-up-view.js';
import { Pager } from './pager.js';
import { RatingView } from './rating-view.js';
import { showSources } from './sources-dialog.js';
import { readButton } from '../voice/reading.js';
import { waiting } from './waiting.js';

/** @typedef {import('./chat.js').Chat} Chat */
/** @typedef {import('./message.js').Message} Message */

export class ReplyView {
  #text = new MarkdownView();
  #correction = new MarkdownView();
  #thoughts = h('div', { class: 'thoughts', dir: 'auto' });
  #reasoning = h('details', { class: 'original', hidden: true }, h('summary', {}, t('chat.reasoning')), this.#thoughts);
  #notice = h('div', { class: 'reply-notice' });
  #body = h('div');
  #sources = h('div', { class: 'reply-sources' });
  #footer = h('footer', { class: 'reply-footer' });
  #again = h('button', { type: 'button', class: 'icon-button', 'aria-label': t('chat.regenerate'), title: t('chat.regenerate'), onclick: () => void this.chat.regenerate(this.message) }, icon('retry'));
  #compare = menuButton(t('chat.compare'), () => this.#others(), 'compare');
  #frame = 0;
  #shown = '';
  /** @type {AbortController | null} */
  #waiting = null;

  /**
   * @param {Chat} chat
   * @param {Message} message
   * @param {() => void} edit takes a message that was never answered back into the composer
   */
  constructor(chat, message, edit) {
    this.chat = chat;
    this.message = message;
    this.edit = edit;
    this.rating = new RatingView(chat, message);
    this.pager = new Pager(chat, message);
    this.calls = new CallsView(chat, message);
    this.folded = new FoldedView(chat, message);
    this.followUp = new FollowUpView(message);
    this.element = h('article', { class: 'message reply' }, this.folded.element, this.#reasoning, this.#body, this.calls.element, this.#notice, this.#sources, this.#footer, this.rating.reasons, this.rating.editor, this.followUp.element);
    this.#draw();
  }

  /** Shows the message's newest state, at most once per frame. */
  update() {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    const { message } = this;
    const isGrowing = message.state === 'waiting' || message.state === 'writing';
    this.element.ariaLabel = message.version === null ? t('chat.reply') : t('chat.replyBy', { version: versionName(message.version) });
    this.element.ariaBusy = String(isGrowing);
    this.element.classList.toggle('writing', message.state === 'writing');
    this.#reasoning.hidden = message.reasoning === '';
    if (this.#thoughts.textContent !== message.reasoning) this.#thoughts.textContent = message.reasoning;
    this.#drawBody(isGrowing);
    this.calls.draw(isGrowing);
    this.#drawNotice();
    this.folded.draw();
    if (isGrowing) return;

    if (!this.#sources.hasChildNodes()) fill(this.#sources, footnotes(message.sources));
    this.rating.draw();
    this.followUp.draw();
    this.pager.draw();
    this.#again.disabled = this.#compare.button.disabled = this.chat.isBusy;
    if (!this.#footer.hasChildNodes()) this.#drawFooter(); // once: replacing the thumbs would lose the focus on them
  }

  #drawFooter() {
    const { message } = this;
    const isReply = message.content !== '' && message.completionId !== null;
    fill(this.#footer,
      isReply && h('div', { class: 'actions' }, copyButton(() => message.rating?.correction ?? message.content), readButton(() => this.#said), this.#again,
        !this.chat.isTemporary && [h('div', { 'data-needs': 'rate' }, this.#compare.button, this.#compare.menu), this.rating.thumbs]),
      this.pager.element,
      message.version !== null && h('span', { class: 'by', title: t('chat.by.title') }, versionName(message.version)),
      message.recalled.length > 0 && h('a', { class: 'recalled', href: '#/learning', title: t('chat.recalled.title') }, t('chat.recalled')),
      isReply && (message.recalled.length > 0 || Number(message.version) > 0) && h('button', {
        type: 'button', class: 'link why', 'data-needs': 'train', title: t('chat.why.title'), onclick: () => void showSources(message.completionId ?? ''),
      }, t('chat.why')),
      isReply && this.rating.status);
  }

  /** What is read aloud: the text without code and formulas. */
  get #said() {
    const text = /** @type {HTMLElement} */ ((this.message.rating?.correction ? this.#correction : this.#text).element.cloneNode(true));
    for (const element of text.querySelectorAll('figure, .math')) element.remove();
    for (const block of text.querySelectorAll('p, li, h2, tr, br')) block.append('\n');
    return text.textContent ?? '';
  }

  /** With which the same question can be asked, blind. */
  async #others() {
    const { options } = this.chat;
    const models = (await readChoices()).filter(({ id }) => !isAssistant(id));
    const active = store.state.versions?.find((version) => version.active)?.number;
    const isSame = (/** @type {import('./models.js').Model} */ { id }) => Number(id === options.model || (isAssistant(options.model) && versionOf(id) === active)); // two tries of one version: last, for it can be wanted, too
    return models.sort((a, b) => isSame(a) - isSame(b)).map((model) => (
      { text: choiceName(model, versionName(versionOf(model.id))), icon: /** @type {const} */ ('compare'), act: () => void this.chat.compare(this.message, model.id) }));
  }

  /** @param {boolean} isGrowing */
  #drawBody(isGrowing) {
    const { message } = this;
    const correction = message.rating?.correction ?? null;
    const key = JSON.stringify([message.content, correction, isGrowing, message.state === 'waiting']);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#waiting?.abort();

    this.#text.show(message.content, !isGrowing);
    if (message.state === 'waiting') {
      this.#waiting = new AbortController();
      fill(this.#body, waiting(() => this.chat.options.model, this.#waiting.signal));
    } else if (correction === null) {
      fill(this.#body, this.#text.element);
    } else {
      this.#correction.show(correction, true);
      fill(this.#body,
        h('section', { class: 'correction', 'aria-label': t('chat.correction') },
          h('p', { class: 'correction-title' }, icon('pencil'), t('chat.correction')),
          this.#correction.element),
        h('details', { class: 'original' }, h('summary', {}, t('chat.original')), this.#text.element));
    }
  }

  #drawNotice() {
    const { chat, message } = this;
    const isLast = chat.messages.at(-1) === message;
    const isUnusable = message.error instanceof ApiError && message.error.code === 'model_unusable'; // trying again cannot help
    if (message.state === 'failed') {
      fill(this.#notice, h('div', { class: 'notice error', role: 'alert' }, icon('warning'), h('p', {}, explain(message.error)),
        isLast && h('div', { class: 'buttons' },
          message.content === '' && chat.siblings(message).length === 1 && chat.messages.at(-2)?.role === 'user' && h('button', { type: 'button', class: 'button small', onclick: this.edit }, t('chat.edit')),
          isUnusable && h('a', { class: 'button small', href: '#/models' }, t('models')),
          !isUnusable && h('button', { type: 'button', class: 'button small', onclick: () => chat.regenerate(message) }, t('retry')))));
    } else if (message.state === 'stopped') {
      fill(this.#notice, h('p', { class: 'quiet' }, t('chat.stopped'), ' ', isLast && h('button', { type: 'button', class: 'link', onclick: () => chat.regenerate(message) }, t('retry'))));
    } else if (message.finishReason === 'length') {
      fill(this.#notice, h('p', { class: 'quiet' }, t('chat.tooLong')));
    } else {
      fill(this.#notice);
    }
  }
}

/** @param {number | string | null} version */
export function versionName(version) {
  if (version === null) return '';
  return typeof version === 'number' ? t('version.name', { number: version }) : version;
}
