// @ts-check
// Thumbs under a reply. This is where the model's teaching data comes from.

import { fill, h, icon, set } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { drafts } from '../preferences.js';
import { BetterReply } from './better-reply.js';
import { isNew } from './welcome.js';

/** @typedef {import('../api.js').Thumb} Thumb */

/** What may be wrong with a reply: the server's list. */
const REASONS = /** @type {const} */ (['too_long', 'wrong', 'wrong_language', 'tone', 'refused']);

export class RatingView {
  #up = this.#thumb('up');
  #down = this.#thumb('down');
  thumbs = h('div', { class: 'thumbs', 'data-needs': 'rate', role: 'group', 'aria-label': t('rate') }, this.#up, this.#down);
  status = h('div', { class: 'rating-status', role: 'status' });
  /** Of a thumb down, what is wrong: one click each. */
  reasons = h('div', { class: 'reasons', 'data-needs': 'rate', role: 'group', 'aria-label': t('reason'), hidden: true });
  #chips = REASONS.map((reason) => ({ reason, chip: h('button', { type: 'button', class: 'chip', 'aria-pressed': false, onclick: () => void this.#toggle(reason) }, t(`reason.${reason}`)) }));
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
    fill(this.reasons, this.#chips.map(({ chip }) => chip));
  }

  draw() {
    const rating = this.message.rating?.rating ?? null;
    for (const [thumb, button] of /** @type {[Thumb, HTMLButtonElement][]} */ ([['up', this.#up], ['down', this.#down]])) {
      const isPressed = rating === thumb;
      set(button, 'aria-pressed', isPressed);
      set(button, 'title', isPressed ? t('rate.withdraw') : t(`rate.${thumb}`));
    }
    this.reasons.hidden = rating !== 'down';
    for (const { reason, chip } of this.#chips) set(chip, 'aria-pressed', this.#given.includes(reason));
    this.#drawStatus();
  }

  /** @returns {string[]} */
  get #given() {
    return this.message.rating?.reasons ?? [];
  }

  /** @param {string} reason */
  #toggle(reason) {
    const { correction, comment } = this.message.rating ?? {};
    const reasons = this.#given.includes(reason) ? this.#given.filter((other) => other !== reason) : [...this.#given, reason];
    return this.#save('down', { correction: correction ?? undefined, comment: comment ?? undefined, reasons });
  }

  #drawStatus() {
    const { rating } = this.message;
    if (this.#error) fill(this.status, h('span', { class: 'error' }, explain(this.#error)));
    else if (rating?.correction) fill(this.status, t('rate.corrected'), ' ', this.#editButton(t('rate.editCorrection')), ' ', toLearning());
    else if (rating?.rating === 'up' && this.message.finishReason === 'stop') fill(this.status, t('rate.accepted'), ' ', !rating.comment && this.#editButton(t('rate.why')), ' ', toLearning());
    else if (rating?.rating === 'up') fill(this.status, t('rate.cutOff'), ' ', this.#editButton(t('rate.write'))); // what ends in the middle teaches nothing
    else if (rating?.rating === 'down' && !this.#isEditing) fill(this.status, t(this.message.finishReason === 'stop' ? 'rate.rejected' : 'rate.noted'), ' ', this.#editButton(t('rate.write')));
    else fill(this.status, !rating && isNew() && t('rate.hint'));
    if (rating?.comment && !this.#error) this.status.append(' ', h('q', { class: 'comment' }, rating.comment));
  }

  get #isEditing() {
    return this.editor.hasChildNodes();
  }

  /** A better reply is a thumb down; a comment alone changes no thumb. @param {{ correction?: string }} words */
  #thumbFor({ correction }) {
    return correction === undefined ? this.message.rating?.rating ?? 'down' : 'down';
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
   * @param {{ correction?: string, comment?: string, reasons?: string[] }} [words]
   */
  #save(rating, words) {
    this.#saving = this.#saving.then(() => this.#store(rating, words));
    return this.#saving;
  }

  /**
   * @param {Thumb | null} rating
   * @param {{ correction?: string, comment?: string, reasons?: string[] }} [words]
   */
  async #store(rating, words) {
    try {
      const reasons = rating === 'down' ? words?.reasons ?? this.#given : undefined; // a better reply is saved with what was wrong
      await this.chat.rate(this.message, rating, { ...words, reasons });
      this.#error = null;
    } catch (error) {
      this.#error = /** @type {Error} */ (error);
    }
    this.draw();
    return this.#error === null;
  }

  #openEditor() {
    if (this.#isEditing) return;
    const editor = new BetterReply(this.message, this.#place, async (words) => (await this.#save(this.#thumbFor(words), words) ? null : this.#error), (isSaved) => this.#left(isSaved));
    fill(this.editor, editor.element);
    editor.focus();
    this.#drawStatus();
  }

  /** @param {boolean} isSaved */
  #left(isSaved) {
    this.#closeEditor();
    this.#down.focus();
    if (!isSaved) this.#drawStatus(); // "write a better reply" shows the draft again
  }

  #closeEditor() {
    fill(this.editor);
  }
}

/** Where an example becomes a new version. */
function toLearning() {
  return h('a', { href: '#/learning', 'data-needs': 'train' }, t('rate.learn'));
}
