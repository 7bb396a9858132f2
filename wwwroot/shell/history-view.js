// @ts-check
// The list of conversations in the sidebar: grouped by day, searched, renamed in place, deleted after a question.

import { chats } from '../chat/chats.js';
import { fill, h, icon } from '../dom.js';
import { explain } from '../errors.js';
import { daysAgo } from '../format.js';
import { t } from '../i18n/i18n.js';
import { download } from '../download.js';
import { confirm } from './dialog.js';
import { tellErased } from './erased.js';
import { menuButton } from './menu.js';

/** @typedef {import('../api.js').ConversationSummary} ConversationSummary */
/** @typedef {import('./history.js').History} History */

const TYPING_PAUSE_MS = 200;

export class HistoryView {
  #list = h('div', { class: 'history-list' });
  #found = h('p', { class: 'visually-hidden', role: 'status' });
  #typing = 0;
  #search = h('input', {
    type: 'search', dir: 'auto', placeholder: t('history.search'), 'aria-label': t('history.search'), 'aria-keyshortcuts': 'Control+K', autocomplete: 'off',
    oninput: () => { clearTimeout(this.#typing); this.#typing = setTimeout(() => this.history.search(this.#search.value.trim()), TYPING_PAUSE_MS); },
  });
  #all = menuButton(t('history.all'), () => [
    { text: t('history.exportAll'), icon: 'download', act: () => void this.#export('/api/conversations/export', 'conversations') },
    { text: t('history.import'), icon: 'upload', act: () => void openImport() },
  ]);
  element = h('nav', { class: 'history', 'aria-label': t('history') }, h('div', { class: 'history-head' }, h('div', { class: 'search' }, icon('search'), this.#search), this.#all.button, this.#all.menu), this.#found, this.#list);
  /** @type {string | null} */
  #current = null;
  /** @type {string | null} */
  #renaming = null;

  /**
   * @param {History} history
   * @param {AbortSignal} signal
   */
  constructor(history, signal) {
    this.history = history;
    this.#search.value = history.query;
    history.addEventListener('change', () => this.#draw(), { signal });
    this.#list.addEventListener('toggle', (event) => { if (/** @type {ToggleEvent} */ (event).newState === 'closed') this.#draw(); }, true);
    this.#draw();
  }

  /** @param {string | null} id the open conversation */
  select(id) {
    if (id === this.#current) return;
    this.#current = id;
    this.#draw();
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  #draw() {
    const { items, hasMore, isLoading, query, error } = this.history;
    if (this.#renaming !== null && items.some((item) => item.id === this.#renaming)) return; // the name is being typed
    if (this.#list.querySelector(':popover-open')) return; // a menu is being used; drawn when it closes
    this.#renaming = null;
    const focused = this.#list.contains(document.activeElement) ? nameOf(document.activeElement) : null;
    this.#found.textContent = query === '' ? '' : t('history.found', { count: items.length });
    if (error) fill(this.#list, h('div', { class: 'history-note', role: 'alert' }, h('p', {}, explain(error)),
      h('button', { type: 'button', class: 'button small', onclick: () => this.history.reload() }, icon('retry'), t('retry'))));
    else if (isLoading) fill(this.#list, h('div', { class: 'skeletons' }, [1, 2, 3].map(() => h('div', { class: 'skeleton' }))));
    else if (items.length === 0) fill(this.#list, h('p', { class: 'history-note' }, query === '' ? t('history.empty') : t('history.nothing')));
    else fill(this.#list, this.#groups(items), hasMore && h('button', { type: 'button', class: 'button small more', onclick: () => this.history.more() }, t('history.more')));
    if (focused !== null) [...this.#list.querySelectorAll('a, button')].filter((element) => element instanceof HTMLElement).find((element) => nameOf(element) === focused)?.focus();
  }

  /** @param {ConversationSummary[]} items newest first */
  #groups(items) {
    const now = new Date();
    const groups = Map.groupBy(items, (item) => groupOf(daysAgo(item.updated_at, now)));
    return [...groups].map(([group, members], i) => h('section', {},
      h('h2', { id: `history-${i}` }, t(group)),
      h('ul', { 'aria-labelledby': `history-${i}` }, members.map((item) => this.#row(item)))));
  }

  /** @param {ConversationSummary} item */
  #row(item) {
    const title = item.title || t('chat.untitled');
    const row = h('li');
    const { button, menu } = menuButton(t('history.menu', { title }), () => [
      { text: t('history.rename'), icon: 'pencil', act: () => this.#rename(item, row) },
      { text: t('history.export'), icon: 'download', act: () => void this.#export(`/api/conversations/export?id=${encodeURIComponent(item.id)}`, title) },
      { text: t('history.delete'), icon: 'trash', isDanger: true, act: () => void this.#delete(item) },
    ]);
    row.append(h('a', { href: `#/chat/${item.id}`, 'aria-current': item.id === this.#current ? 'page' : null, title, dir: 'auto' }, title), button, menu);
    return row;
  }

  /**
   * @param {ConversationSummary} item
   * @param {HTMLElement} row
   */
  #rename(item, row) {
    this.#renaming = item.id;
    const problem = h('p', { class: 'error', role: 'alert' });
    const input = h('input', { type: 'text', dir: 'auto', maxlength: 200, 'aria-label': t('history.newName'), onblur: () => void save(), onkeydown: key });
    input.value = item.title ?? '';
    fill(row, input, problem);
    input.focus();
    input.select();

    const close = () => {
      this.#renaming = null;
      this.#draw();
      this.#focus(item.id);
    };
    const save = async () => {
      const title = input.value.trim();
      if (this.#renaming !== item.id) return;
      if (title === '' || title === item.title) return close();
      try {
        this.#renaming = null;
        await this.history.rename(item.id, title);
        chats.rename(item.id, title);
        this.#focus(item.id);
      } catch (error) {
        this.#renaming = item.id; // the field stays, with what was typed
        fill(problem, explain(/** @type {Error} */ (error)));
      }
    };

    /** @param {KeyboardEvent} event */
    function key(event) {
      if (event.key === 'Enter') void save();
      else if (event.key === 'Escape') close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }
  }

  /** @param {string} path @param {string} name of the file */
  async #export(path, name) {
    try {
      await download(path, `${name.replace(/[\\/:*?"<>|\s]+/g, ' ').trim()}.json`);
    } catch (error) {
      this.history.error = /** @type {Error} */ (error);
      this.#draw();
    }
  }

  /** @param {ConversationSummary} item */
  async #delete(item) {
    const title = item.title || t('chat.untitled');
    if (!await confirm({ title: t('history.delete.title', { title }), text: t('history.delete.text'), action: t('history.delete') })) return;
    let erased;
    try {
      erased = await this.history.remove(item.id);
    } catch (error) {
      this.history.error = /** @type {Error} */ (error);
      return this.#draw();
    }
    chats.forget(item.id);
    if (item.id === this.#current) location.hash = '#/';
    else this.#search.focus();
    if (erased) await tellErased(title, erased);
  }

  /** The row was drawn again, so its link is a new one. @param {string} id */
  #focus(id) {
    /** @type {HTMLElement | null} */ (this.#list.querySelector(`a[href="#/chat/${id}"]`))?.focus();
  }
}

async function openImport() {
  const { importFile } = await import('../import/import-dialog.js');
  await importFile({ want: 'chats' });
}

/** What a link or a button is known by when the list is drawn again. @param {Element | null} element */
function nameOf(element) {
  return element?.getAttribute('href') ?? element?.getAttribute('aria-label') ?? null;
}

/** @param {number} days */
function groupOf(days) {
  return days <= 0 ? 'history.today' : days === 1 ? 'history.yesterday' : days < 7 ? 'history.week' : days < 30 ? 'history.month' : 'history.older';
}
