// @ts-check
// The list of conversations in the sidebar: grouped by day, searched, renamed in place, put away, deleted after a question.

import { api } from '../api.js';
import { chats } from '../chat/chats.js';
import { fill, h, icon } from '../dom.js';
import { explain } from '../errors.js';
import { daysAgo, number } from '../format.js';
import { t } from '../i18n/i18n.js';
import { download } from '../download.js';
import { areFoldersClosed, closeFolders } from '../preferences.js';
import { confirm } from './dialog.js';
import { tellErased } from './erased.js';
import { menuButton } from './menu.js';
import { renameField } from './rename-field.js';
import { Selection } from './selection.js';
import { editTags } from './tags-dialog.js';

/** @typedef {import('../api.js').ConversationSummary} ConversationSummary */
/** @typedef {import('./history.js').History} History */

const TYPING_PAUSE_MS = 200;

export class HistoryView {
  #list = h('div', { class: 'history-list' });
  #found = h('p', { class: 'visually-hidden', role: 'status' });
  #typing = 0;
  #search = h('input', {
    type: 'search', dir: 'auto', placeholder: t('history.search'), 'aria-label': t('history.search'), autocomplete: 'off',
    oninput: () => { clearTimeout(this.#typing); this.#typing = setTimeout(() => this.history.search(this.#search.value.trim()), TYPING_PAUSE_MS); },
  });
  #all = menuButton(t('history.all'), () => this.#menuOfAll());
  #shelf = h('div', { class: 'shelf' });
  #folderList = h('ul');
  #folders = h('details', { class: 'folders', open: !areFoldersClosed(), ontoggle: () => { closeFolders(!this.#folders.open); this.#drawShelf(); } }, h('summary', {}, t('tags')), this.#folderList);
  #selection;
  element;
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
    this.#selection = new Selection(history, () => this.#draw(), (ids) => void this.#deleteMany(ids));
    this.element = h('nav', { class: 'history', 'aria-label': t('history') },
      h('div', { class: 'history-head' }, h('div', { class: 'search' }, icon('search'), this.#search), this.#all.button, this.#all.menu),
      this.#shelf, this.#found, h('div', { class: 'history-scroll' }, this.#folders, this.#list), this.#selection.element);
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
    this.#drawFolders();
    this.#drawShelf();
    this.#selection.draw();
    if (error) fill(this.#list, h('div', { class: 'history-note', role: 'alert' }, h('p', {}, explain(error)),
      h('button', { type: 'button', class: 'button small', onclick: () => this.history.reload() }, icon('retry'), t('retry'))));
    else if (isLoading) fill(this.#list, h('div', { class: 'skeletons' }, [1, 2, 3].map(() => h('div', { class: 'skeleton' }))));
    else if (items.length === 0) fill(this.#list, h('p', { class: 'history-note' }, query !== '' ? t('history.nothing') : t(this.history.shelf === 'all' ? 'history.empty' : 'history.emptyShelf')));
    else fill(this.#list, this.#groups(items), hasMore && h('button', { type: 'button', class: 'button small more', onclick: () => this.history.more() }, t('history.more')));
    if (focused !== null) [...this.#list.querySelectorAll('a, button, input')].filter((element) => element instanceof HTMLElement).find((element) => nameOf(element) === focused)?.focus();
  }

  /** Tags: a conversation may be in several. */
  #drawFolders() {
    const { folders, shelf, query } = this.history;
    this.#folders.hidden = folders.length === 0 || query !== '';
    const focused = this.#folderList.contains(document.activeElement) ? document.activeElement?.getAttribute('data-folder') : null;
    fill(this.#folderList, folders.map(({ tag, conversations }) => h('li', {},
      h('button', { type: 'button', class: 'folder', 'data-folder': tag, 'aria-pressed': shelf === `#${tag}`, onclick: () => void this.#show(shelf === `#${tag}` ? 'all' : `#${tag}`) },
        icon('folder'), h('span', { dir: 'auto' }, tag), h('small', {}, ` ${number(conversations)}`, h('span', { class: 'visually-hidden' }, ` ${t('history.inFolder', { count: conversations })}`))))));
    if (focused !== null) [...this.#folderList.querySelectorAll('button')].find((button) => button.dataset.folder === focused)?.focus();
  }

  /** Which shelf is shown, where it is not the whole list and no folder says it, and the way back. */
  #drawShelf() {
    const { folders, shelf, query } = this.history;
    const isPressed = this.#folders.open && folders.some(({ tag }) => shelf === `#${tag}`);
    this.#shelf.hidden = shelf === 'all' || query !== '' || isPressed;
    if (this.#shelf.hidden) return fill(this.#shelf);
    fill(this.#shelf, icon(shelf === 'archive' ? 'archive' : 'folder'), h('span', { dir: 'auto' }, shelf === 'archive' ? t('history.archive') : shelf.slice(1)),
      h('button', { type: 'button', class: 'icon-button', 'aria-label': t('history.showAll'), title: t('history.showAll'), onclick: () => { void this.history.show('all'); this.focusSearch(); } }, icon('close')));
  }

  /** @param {ConversationSummary[]} items pinned ones first, then newest first */
  #groups(items) {
    const now = new Date();
    const { shelf, query } = this.history;
    const isWhole = shelf === 'all' && query === '';
    const groups = Map.groupBy(items, (item) => (isWhole && item.pinned ? 'history.pinned' : groupOf(daysAgo(item.updated_at, now))));
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
      { text: t(item.pinned ? 'history.unpin' : 'history.pin'), icon: 'pin', act: () => void this.#change(item.id, { pinned: !item.pinned }) },
      { text: t('tags'), icon: 'folder', act: () => void editTags(item, (tags) => this.history.change(item.id, { tags })) },
      { text: t('usage'), icon: 'usage', act: () => void openUsage(item.id, title) },
      { text: t(item.archived ? 'history.unarchive' : 'history.putAway'), icon: 'archive', act: () => void this.#change(item.id, { archived: !item.archived }) },
      { text: t('history.delete'), icon: 'trash', isDanger: true, act: () => void this.#delete(item) },
    ]);
    row.append(...this.#selection.box(item, title),
      h('a', { href: `#/chat/${item.id}`, 'aria-current': item.id === this.#current ? 'page' : null, title, dir: 'auto' }, title, item.tags.flatMap((tag) => [' ', h('small', { class: 'chat-tag', dir: 'auto' }, tag)])),
      button, menu);
    return row;
  }

  #menuOfAll() {
    return [
      { text: t('history.showArchive'), icon: /** @type {const} */ ('archive'), act: () => void this.#show('archive') },
      { text: t('history.select'), icon: /** @type {const} */ ('check'), act: () => this.#selection.begin() },
      { text: t('history.exportAll'), icon: /** @type {const} */ ('download'), act: () => void this.#export('/api/conversations/export', 'conversations') },
      { text: t('history.import'), icon: /** @type {const} */ ('upload'), act: () => void openImport() },
      { text: t('history.deleteAll'), icon: /** @type {const} */ ('trash'), isDanger: true, act: () => void this.#deleteMany('all') },
    ];
  }

  /** @param {import('./history.js').Shelf} shelf */
  #show(shelf) {
    this.#search.value = '';
    return this.history.show(shelf);
  }

  /** @param {string} id @param {import('../api-types.d.ts').ConversationChange} change */
  async #change(id, change) {
    try {
      await this.history.change(id, change);
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * @param {ConversationSummary} item
   * @param {HTMLElement} row
   */
  #rename(item, row) {
    const field = renameField(item.title ?? '', async (title) => {
      await this.history.change(item.id, { title });
      chats.rename(item.id, title);
    }, () => {
      this.#renaming = null;
      this.#draw();
      this.#focus(item.id);
    });
    this.#renaming = item.id;
    fill(row, field.elements);
    field.focus();
  }

  /** @param {string} path @param {string} name of the file */
  async #export(path, name) {
    try {
      await download(path, `${name}.json`);
    } catch (error) {
      this.#fail(error);
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
      return this.#fail(error);
    }
    this.#left([item.id]);
    if (erased) await tellErased(title, erased);
  }

  /** @param {string[] | 'all'} ids */
  async #deleteMany(ids) {
    const title = ids === 'all' ? t('history.deleteAll.title') : t('history.deleteMany.title', { count: ids.length });
    if (!await confirm({ title, text: t(ids === 'all' ? 'history.deleteAll.text' : 'history.deleteMany.text'), action: t('history.delete') })) return;
    let erased;
    try {
      erased = await this.history.removeMany(ids);
    } catch (error) {
      return this.#fail(error);
    }
    this.#selection.end();
    this.#left(ids);
    for (const one of erased) await tellErased(t(ids === 'all' ? 'history.all' : 'history.chosen'), one);
  }

  /** What was deleted is shown no longer. @param {string[] | 'all'} ids */
  #left(ids) {
    for (const id of ids === 'all' ? chats.ids : ids) chats.forget(id);
    if (this.#current !== null && (ids === 'all' || ids.includes(this.#current))) location.hash = '#/';
    else this.#search.focus();
  }

  /** @param {unknown} error */
  #fail(error) {
    this.history.error = /** @type {Error} */ (error);
    this.#draw();
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

/** @param {string} id @param {string} title */
async function openUsage(id, title) {
  const { showUsage } = await import('../usage/usage-dialog.js');
  await showUsage(title, () => api.readUsage(id));
}

/** What a link or a button is known by when the list is drawn again. @param {Element | null} element */
function nameOf(element) {
  return element?.getAttribute('href') ?? element?.getAttribute('aria-label') ?? null;
}

/** @param {number} days */
function groupOf(days) {
  return days <= 0 ? 'history.today' : days === 1 ? 'history.yesterday' : days < 7 ? 'history.week' : days < 30 ? 'history.month' : 'history.older';
}
