// @ts-check
// Where the user writes. Enter sends, Shift+Enter breaks the line, the button stops a reply that is being written.

import { fill, h, icon, label } from '../dom.js';
import { t } from '../i18n/i18n.js';
import { Attach } from '../documents/attach.js';
import { SlashMenu } from '../prompts/slash-menu.js';
import { menuButton } from '../shell/menu.js';
import { dictationButton } from '../voice/dictation.js';
import { growToContent } from './grow.js';
import { OptionsButton } from './options/options-button.js';

/** Without a keyboard there is no Shift+Enter: there, Enter breaks the line and the button sends. */
const hasKeyboard = () => !matchMedia('(pointer: coarse)').matches;

export class Composer {
  #text = h('textarea', {
    id: 'message', class: 'composer-text', rows: 1, dir: 'auto', placeholder: t('composer.placeholder'), 'aria-label': t('composer.label'),
    'aria-keyshortcuts': 'Enter', enterkeyhint: hasKeyboard() ? 'send' : 'enter',
    oninput: () => this.#typed(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
  });
  #button = h('button', { type: 'submit', class: 'send' });
  #fit = growToContent(this.#text);
  #slash = new SlashMenu(this.#text, (prompt) => void this.#insert(prompt));
  element = h('form', { class: 'composer', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.#submit(); } });

  /**
   * @param {import('./chat.js').Chat} chat
   * @param {() => void} editLast takes up the last question again
   * @param {AbortSignal} signal ends the view
   */
  constructor(chat, editLast, signal) {
    this.chat = chat;
    this.editLast = editLast;
    this.options = new OptionsButton(chat);
    this.attach = new Attach(chat, () => this.focus(), signal);
    document.addEventListener('prompts', () => void this.openPrompts(), { signal });
    const add = menuButton(t('composer.add'), () => [
      { text: t('documents.attach'), icon: 'attach', act: () => this.attach.open() },
      { text: t('prompts'), icon: 'prompt', act: () => void this.openPrompts() },
    ], 'plus');
    fill(this.element, this.attach.element, this.options.element, add.button, add.menu, this.attach.field, this.#text,
      dictationButton(() => this.#text.value, (text) => this.write(text), signal), this.#button, this.#slash.element);
    this.#text.value = chat.drafts.get(this.#place) ?? '';
    this.update();
  }

  /** A conversation has no name before its first message; the id of a new one changes with each visit. */
  get #place() {
    return this.chat.phase === 'new' && this.chat.messages.length === 0 ? 'chat:new' : `chat:${this.chat.id}`;
  }

  focus() {
    this.#text.focus({ preventScroll: true });
  }

  /** Puts back a message that the server never took. @param {string} text */
  restore(text) {
    if (this.#text.value === '') this.write(text);
  }

  /** @param {string} text */
  write(text) {
    this.#text.value = text;
    this.#fit();
    this.#typed();
  }

  /** The library. */
  async openPrompts() {
    const { choosePrompt } = await import('../prompts/library-dialog.js');
    const prompt = await choosePrompt(this.#text.value);
    if (prompt) await this.#insert(prompt);
  }

  /** Puts a prompt where the cursor is, its variables filled in; in the place of what called it by its name. @param {import('../api.js').Prompt} prompt */
  async #insert({ name, text }) {
    const { askForValues } = await import('../prompts/values-dialog.js');
    const filled = await askForValues(name, text);
    this.focus();
    if (filled === null) return;
    if (/^\/\S*$/.test(this.#text.value)) this.#text.select();
    this.#text.setRangeText(filled, this.#text.selectionStart, this.#text.selectionEnd, 'end');
    this.#fit();
    this.#typed();
  }

  update() {
    const { isReplying } = this.chat;
    this.#button.classList.toggle('stop', isReplying);
    this.#button.disabled = !isReplying && !this.#canSend;
    label(this.#button, isReplying ? t('composer.stop') : t('composer.send'));
    this.options.draw();
    fill(this.#button, icon(isReplying ? 'stop' : 'send'));
  }

  /** Not before the history is there, and which of two replies goes on: what is sent goes on from it. */
  get #canSend() {
    return this.#text.value.trim() !== '' && !['loading', 'unreachable', 'missing'].includes(this.chat.phase) && !this.chat.comparison;
  }

  #typed() {
    this.chat.drafts.set(this.#place, this.#text.value);
    this.update();
    void this.#slash.typed();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (this.#slash.key(event)) return;
    if (event.key === 'ArrowUp' && this.#text.value === '' && !this.chat.isBusy) {
      event.preventDefault();
      return this.editLast();
    }
    const sends = event.key === 'Enter' && !event.shiftKey && !event.isComposing && hasKeyboard();
    if (!sends) return;
    event.preventDefault();
    if (!this.chat.isReplying) this.#submit(); // the next message may be written, not sent, while a reply is
  }

  #submit() {
    if (this.chat.isReplying) return this.chat.stop();
    const text = this.#text.value;
    if (!this.#canSend) return;

    this.chat.drafts.clear(this.#place);
    this.#text.value = '';
    this.#fit();
    void this.chat.send(text);
  }
}
