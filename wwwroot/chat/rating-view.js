// @ts-check
// Thumbs under a reply, and the editor for a better one. This is where the model's teaching data comes from.

import { fill, h, icon, set } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { drafts } from '../preferences.js';
import { growToContent } from './grow.js';

/** @typedef {import('../api.js').Thumb} Thumb */

export class RatingView {
  #up = this.#thumb('up');
  #down = this.#thumb('down');
  thumbs = h('div', { class: 'thumbs', role: 'group', 'aria-label': t('rate') }, this.#up, this.#down);
  status = h('div', { class: 'rating-status', role: 'status' });
  editor = h('div');
  /** @type {Error | null} */
  #error = null;
  /** What is being stored, one after the other: a better reply may be saved while its thumb still is. */
  #saving = Promise.resolve(true);
  #pressed = false;

  /**
   * @param {import('./chat.js').Chat} chat
   * @param {import('./message.js').Message} message
   */
  constructor(chat, message) {
    this.chat = chat;
    this.message = message;
  }

  draw() {
    const rating = this.message.rating?.rating ?? null;
    for (const [thumb, button] of /** @type {[Thumb, HTMLButtonElement][]} */ ([['up', this.#up], ['down', this.#down]])) {
      const isPressed = rating === thumb;
      set(button, 'aria-pressed', isPressed);
      set(button, 'title', isPressed ? t('rate.withdraw') : t(`rate.${thumb}`));
    }
    this.#drawStatus();
  }

  #drawStatus() {
    const { rating } = this.message;
    if (this.#error) fill(this.status, h('span', { class: 'error' }, explain(this.#error)));
    else if (rating?.correction) fill(this.status, t('rate.corrected'), ' ', this.#editButton(t('rate.editCorrection')));
    else if (rating?.rating === 'up' && this.message.finishReason === 'stop') fill(this.status, t('rate.accepted'));
    else if (rating?.rating === 'up') fill(this.status, t('rate.cutOff'), ' ', this.#editButton(t('rate.write'))); // what ends in the middle teaches nothing
    else if (rating?.rating === 'down' && !this.#isEditing) fill(this.status, t('rate.rejected'), ' ', this.#editButton(t('rate.write')));
    else fill(this.status);
  }

  get #isEditing() {
    return this.editor.hasChildNodes();
  }

  get #place() {
    return `correction:${this.message.completionId}`;
  }

  /** @param {Thumb} thumb */
  #thumb(thumb) {
    return h('button', {
      type: 'button', class: `icon-button thumb ${thumb}`, 'aria-label': t(`rate.${thumb}`), 'aria-pressed': false, title: t(`rate.${thumb}`),
      onclick: () => this.#press(thumb),
    }, icon(thumb));
  }

  /** @param {string} text */
  #editButton(text) {
    return h('button', { type: 'button', class: 'link', onclick: () => this.#openEditor() }, text);
  }

  /** @param {Thumb} thumb pressing the same thumb again takes the rating back */
  async #press(thumb) {
    if (this.#pressed) return; // a double click is one press
    this.#pressed = true;
    const isWithdrawal = this.message.rating?.rating === thumb;
    const correction = this.message.rating?.correction;
    if (isWithdrawal && correction) drafts.set(this.#place, correction); // withdrawn, not lost
    if (isWithdrawal || thumb === 'up') this.#closeEditor();
    else this.#openEditor();
    await this.#save(isWithdrawal ? null : thumb);
    this.#pressed = false;
  }

  /**
   * @param {Thumb | null} rating
   * @param {string} [correction]
   */
  #save(rating, correction) {
    this.#saving = this.#saving.then(() => this.#store(rating, correction));
    return this.#saving;
  }

  /**
   * @param {Thumb | null} rating
   * @param {string} [correction]
   */
  async #store(rating, correction) {
    try {
      await this.chat.rate(this.message, rating, correction);
      this.#error = null;
    } catch (error) {
      this.#error = /** @type {Error} */ (error);
    }
    this.draw();
    return this.#error === null;
  }

  #openEditor() {
    if (this.#isEditing) return;
    const saved = this.message.rating?.correction ?? this.message.content;
    const id = `better-${this.message.completionId}`;
    const text = h('textarea', { id, rows: 3, 'aria-describedby': `${id}-hint`, oninput: change, onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event, save) });
    const button = h('button', { type: 'submit', class: 'button primary' }, t('better.save'));
    const problem = h('p', { class: 'error', role: 'alert' });
    const place = this.#place;
    const save = async () => {
      if (button.disabled) return;
      button.disabled = true;
      if (await this.#save('down', text.value.trim())) {
        this.#closeEditor();
        drafts.clear(place);
        this.#down.focus();
      } else {
        change();
        fill(problem, explain(this.#error));
      }
    };
    fill(this.editor, h('form', { class: 'better', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void save(); } },
      h('label', { for: id }, t('better.label')),
      text,
      h('p', { class: 'hint', id: `${id}-hint` }, t('better.hint')),
      problem,
      h('div', { class: 'buttons' }, button, h('button', { type: 'button', class: 'button', onclick: () => this.#cancel() }, t('better.cancel')))));
    text.value = drafts.get(place) ?? saved;
    growToContent(text);
    change();
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
    this.#drawStatus();

    function change() {
      const isNew = text.value.trim() !== '' && text.value.trim() !== saved.trim();
      button.disabled = !isNew;
      if (isNew) drafts.set(place, text.value);
      else drafts.clear(place);
    }
  }

  /** @param {KeyboardEvent} event @param {() => void} save */
  #key(event, save) {
    if (event.key === 'Escape') this.#cancel();
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** What was written stays a draft: "write a better reply" shows it again. */
  #cancel() {
    this.#closeEditor();
    this.#down.focus();
    this.#drawStatus();
  }

  #closeEditor() {
    fill(this.editor);
  }
}
