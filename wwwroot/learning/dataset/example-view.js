// @ts-check
// One example: what is asked, what is learned, where it comes from, who has used it.

import { api } from '../../api.js';
import { fill, h, icon } from '../../dom.js';
import { explain } from '../../errors.js';
import { dateAndTime, list } from '../../format.js';
import { t } from '../../i18n/i18n.js';
import { ExampleEditor } from './example-editor.js';
import { answerOf, flagName, isUsed, messageRows, questionOf } from './example-words.js';

/** @typedef {import('../../api.js').Example} Example */

export class ExampleView {
  #summary = h('summary');
  #body = h('div', { class: 'example-body' });
  #details = h('details', {}, this.#summary, this.#body);
  #problem = h('p', { class: 'error', role: 'alert' });
  element = h('li', {}, this.#details);

  /**
   * @param {Example} example
   * @param {() => void} changed called when what waits for the next training may be another
   */
  constructor(example, changed) {
    this.example = example;
    this.changed = changed;
    this.#draw();
  }

  #draw() {
    const { example } = this;
    this.element.className = `example ${example.status}`;
    this.element.dataset.example = example.id;
    fill(this.#summary,
      h('span', { class: 'example-texts' }, h('span', { class: 'asked', dir: 'auto' }, questionOf(example.messages)), h('span', { class: 'wanted', dir: 'auto' }, answerOf(example.messages))),
      h('span', { class: 'tags' },
        example.flags.map((flag) => h('span', { class: 'tag warn' }, icon('warning'), flagName(flag))),
        example.status === 'unwanted' && h('span', { class: 'tag off' }, t('example.unwanted')),
        example.status === 'excluded' && h('span', { class: 'tag off' }, t('example.excluded')),
        example.split && h('span', { class: 'tag plain' }, t(`example.${example.split}`))));
    fill(this.#body, messageRows(example.messages, isWanted(example)), this.#wordings(), this.#facts(), this.#problem,
      h('div', { class: 'buttons' },
        h('button', { type: 'button', class: 'button small toggle', onclick: () => void this.#toggle() }, t(isUsed(example) ? 'example.exclude' : 'example.restore')),
        h('button', { type: 'button', class: 'button small', onclick: () => this.#edit() }, icon('pencil'), t('example.edit'))));
  }

  /** Other wordings of the question, each with a switch. */
  #wordings() {
    const { rewordings } = this.example;
    return rewordings.length > 0 && h('fieldset', { class: 'wordings' }, h('legend', {}, t('example.wordings')), rewordings.map((wording, i) => h('label', {},
      h('input', { type: 'checkbox', checked: wording.enabled, onchange: (/** @type {Event} */ event) => void this.#switch(i, /** @type {HTMLInputElement} */ (event.target).checked) }),
      h('span', {}, wording.text, wording.key_words && h('span', { class: 'quiet' }, ` – ${t('example.key_words')}`)))));
  }

  /** @param {number} at @param {boolean} enabled */
  async #switch(at, enabled) {
    await this.#change({ rewordings: this.example.rewordings.map((wording, i) => (i === at ? { ...wording, enabled } : wording)) });
    /** @type {HTMLElement | null} */ (this.#body.querySelectorAll('.wordings input')[at])?.focus();
  }

  #facts() {
    const { source, origin, conversation_id, runs, versions, created_at } = this.example;
    const used = runs.length === 0 ? t('example.unused')
      : versions.length > 0 ? t('example.versions', { count: versions.length, versions: list(versions.map(String)) }) : t('example.runs', { count: runs.length });
    return h('p', { class: 'quiet' }, t(`example.source.${source}`), origin ? ` (${origin})` : '',
      conversation_id ? [' · ', h('a', { href: `#/chat/${conversation_id}` }, t('example.conversation'))] : [], ` · ${dateAndTime(created_at)} · ${used}`);
  }

  async #toggle() {
    await this.#change({ status: isUsed(this.example) ? 'excluded' : 'accepted' });
    /** @type {HTMLElement | null} */ (this.#body.querySelector('.toggle'))?.focus();
  }

  #edit() {
    const editor = new ExampleEditor(this.example.messages, async (messages) => {
      if (await this.#change({ messages })) this.#summary.focus();
    }, () => { this.#draw(); this.#summary.focus(); });
    fill(this.#body, editor.element, this.#problem);
    editor.focus();
  }

  /** @param {Parameters<typeof api.changeExample>[1]} change */
  async #change(change) {
    try {
      this.example = await api.changeExample(this.example.id, change);
      fill(this.#problem);
      this.#draw();
      this.changed();
      return true;
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
      return false;
    }
  }
}

/** Whether its reply is to be said. @param {Example} example */
const isWanted = ({ source }) => source !== 'rejection';
