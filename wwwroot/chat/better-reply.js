// @ts-check
// The editor for a better reply, and for why it is better.

import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { drafts } from '../preferences.js';
import { growToContent } from './grow.js';

/** @typedef {{ correction?: string, comment?: string }} Words */

export class BetterReply {
  #text;
  #why;
  #button = h('button', { type: 'submit', class: 'button primary' }, t('better.save'));
  #problem = h('p', { class: 'error', role: 'alert' });
  element;

  /**
   * @param {import('./message.js').Message} reply
   * @param {string} place of the draft
   * @param {(words: Words) => Promise<Error | null>} store answers why it could not
   * @param {(isSaved: boolean) => void} leave
   */
  constructor(reply, place, store, leave) {
    this.saved = { text: reply.rating?.correction ?? reply.content, correction: reply.rating?.correction ?? undefined, comment: reply.rating?.comment ?? '' };
    this.place = place;
    this.store = store;
    this.leave = leave;
    const id = `better-${reply.completionId}`;
    const listeners = { oninput: () => this.#changed(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) };
    this.#text = h('textarea', { id, rows: 3, dir: 'auto', 'aria-describedby': `${id}-hint`, ...listeners });
    this.#why = h('input', { type: 'text', dir: 'auto', maxlength: 500, placeholder: t('better.why'), 'aria-label': t('better.why'), autocomplete: 'off', ...listeners });
    this.element = h('form', { class: 'better', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void this.#save(); } },
      h('label', { for: id }, t('better.label')),
      this.#text,
      h('p', { class: 'hint', id: `${id}-hint` }, t('better.hint')),
      this.#why,
      this.#problem,
      h('div', { class: 'buttons' }, this.#button, h('button', { type: 'button', class: 'button', onclick: () => leave(false) }, t('better.cancel'))));
    this.#text.value = drafts.get(place) ?? this.saved.text;
    this.#why.value = this.saved.comment;
    growToContent(this.#text);
    this.#changed();
  }

  focus() {
    this.#text.focus();
    this.#text.setSelectionRange(this.#text.value.length, this.#text.value.length);
  }

  get #isBetter() {
    const text = this.#text.value.trim();
    return text !== '' && text !== this.saved.text.trim();
  }

  #changed() {
    this.#button.disabled = !this.#isBetter && this.#why.value.trim() === this.saved.comment;
    if (this.#isBetter) drafts.set(this.place, this.#text.value);
    else drafts.clear(this.place);
  }

  async #save() {
    if (this.#button.disabled) return;
    this.#button.disabled = true;
    const problem = await this.store({ correction: this.#isBetter ? this.#text.value.trim() : this.saved.correction, comment: this.#why.value.trim() || undefined });
    if (problem) {
      fill(this.#problem, explain(problem));
      return this.#changed();
    }
    drafts.clear(this.place);
    this.leave(true);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === 'Escape') this.leave(false);
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void this.#save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
