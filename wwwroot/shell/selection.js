// @ts-check
// Several conversations at once: which are chosen, and what is done with them.

import { fill, h } from '../dom.js';
import { t } from '../i18n/i18n.js';
import { editTags } from './tags-dialog.js';

/** @typedef {import('../api.js').ConversationSummary} ConversationSummary */

export class Selection {
  #chosen = new Set();
  #isOn = false;
  element = h('div', { class: 'selection', role: 'group', 'aria-label': t('history.select'), hidden: true });

  /**
   * @param {import('./history.js').History} history
   * @param {() => void} changed the list is to be drawn again
   * @param {(ids: string[]) => void} remove
   */
  constructor(history, changed, remove) {
    this.history = history;
    this.changed = changed;
    this.remove = remove;
  }

  begin() {
    this.#isOn = true;
    this.changed();
  }

  end() {
    this.#isOn = false;
    this.#chosen.clear();
    this.changed();
  }

  /** What a row begins with. @param {ConversationSummary} item @param {string} title */
  box(item, title) {
    return this.#isOn ? [h('input', {
      type: 'checkbox', 'aria-label': t('history.choose', { title }), checked: this.#chosen.has(item.id),
      onchange: (/** @type {Event} */ event) => this.#choose([item], /** @type {HTMLInputElement} */ (event.target).checked),
    })] : [];
  }

  /** The bar under the list. */
  draw() {
    const { items } = this.history;
    for (const id of this.#chosen) if (!items.some((item) => item.id === id)) this.#chosen.delete(id); // gone, or out of sight
    this.element.hidden = !this.#isOn;
    const count = this.#chosen.size, isEmpty = count === 0;
    const focused = this.element.contains(document.activeElement) ? document.activeElement?.getAttribute('data-action') : null;
    const button = (/** @type {string} */ action, /** @type {string} */ text, /** @type {() => void} */ act, /** @type {{ danger?: boolean, disabled?: boolean }} */ { danger, disabled } = {}) =>
      h('button', { type: 'button', class: `button small${danger ? ' danger' : ''}`, 'data-action': action, disabled, onclick: act }, text);
    const isPutAway = this.history.shelf === 'archive';
    fill(this.element, this.#isOn && [h('p', { role: 'status' }, t('history.selected', { count })),
      h('div', { class: 'buttons' },
        button('all', t('history.selectAll'), () => this.#choose(items, count < items.length)),
        button('folder', t('tags.add'), () => void this.#file(), { disabled: isEmpty }),
        button('archive', t(isPutAway ? 'history.unarchive' : 'history.putAway'), () => void this.#putAway(!isPutAway), { disabled: isEmpty }),
        button('delete', t('history.delete'), () => this.remove([...this.#chosen]), { danger: !isEmpty, disabled: isEmpty }),
        button('end', t('history.selectEnd'), () => this.end()))]);
    /** @type {HTMLElement | null | undefined} */ (focused && this.element.querySelector(`[data-action="${focused}"]`))?.focus();
  }

  /** @param {ConversationSummary[]} items @param {boolean} isChosen */
  #choose(items, isChosen) {
    for (const { id } of items) {
      if (isChosen) this.#chosen.add(id);
      else this.#chosen.delete(id);
    }
    this.changed();
  }

  /** @param {boolean} archived */
  async #putAway(archived) {
    const ids = [...this.#chosen];
    this.end();
    await this.history.changeMany(ids, () => ({ archived }));
  }

  /** Into folders, beside those that they are in. */
  #file() {
    const ids = [...this.#chosen];
    return editTags({ tags: [] }, async (tags) => {
      await this.history.changeMany(ids, (item) => ({ tags: [...new Set([...item.tags, ...tags])] }));
      this.end();
    });
  }
}
