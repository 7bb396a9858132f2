// @ts-check
// The conversations that the sidebar lists: search, shelves, pages, changes.

import { api } from '../api.js';
import { store } from '../store.js';

/** @typedef {import('../api.js').ConversationSummary} ConversationSummary */
/** @typedef {'all' | 'archive' | `#${string}`} Shelf what is listed: what is not put away, what is, or what has a tag */

const PAGE = 40, MOST = 100; // conversations of one read
const PAUSE_MS = 300; // between reads that events ask for

/** Event `change`. */
export class History extends EventTarget {
  /** @type {ConversationSummary[]} */
  items = [];
  /** The tags of all of them. @type {import('../api-types.d.ts').ConversationTag[]} */
  folders = [];
  hasMore = false;
  isLoading = true;
  query = '';
  /** @type {Shelf} */
  shelf = 'all';
  /** @type {Error | null} */
  error = null;
  /** Begun in this page and not yet seen in an answer: the server lists a conversation when its first reply is complete. @type {ConversationSummary[]} */
  #begun = [];
  #request = new AbortController();
  #unfolded = PAGE; // a reload reads what was asked for
  #soon = 0;
  #shown = ''; // the fingerprint

  /** @param {string} query what titles and messages must contain; '' for all */
  async search(query) {
    this.query = query;
    this.#unfolded = PAGE;
    await this.reload();
  }

  /** @param {Shelf} shelf */
  async show(shelf) {
    this.shelf = shelf;
    await this.search('');
  }

  more() {
    this.#unfolded = this.items.length + MOST;
    return this.reload();
  }

  /** Events may come in a swarm. */
  reloadSoon() {
    this.#soon ||= setTimeout(() => { this.#soon = 0; void this.reload(); }, PAUSE_MS);
  }

  /** Shows a conversation that has just begun, before the server has written it down. @param {string} id @param {string} title */
  begin(id, title) {
    if (!this.#isWhole || this.items.some((item) => item.id === id)) return;
    const now = Date.now() / 1000;
    this.#begun = [{ id, title, assistant: store.state.assistant, pinned: false, archived: false, tags: [], created_at: now, updated_at: now }, ...this.#begun];
    this.items = [this.#begun[0], ...this.items];
    this.#changed();
  }

  /** @param {string} id @param {import('../api-types.d.ts').ConversationChange} change */
  async change(id, change) {
    const changed = await api.changeConversation(id, change);
    this.items = this.items.map((item) => (item.id === id ? { ...item, title: changed.title, pinned: changed.pinned, archived: changed.archived, tags: changed.tags } : item));
    this.#changed();
    await this.reload(); // its place may be another; a list that was on its way would bring back what it was
  }

  /** @param {string[]} ids @param {(item: ConversationSummary) => import('../api-types.d.ts').ConversationChange} change */
  async changeMany(ids, change) {
    try {
      for (const item of this.items.filter(({ id }) => ids.includes(id))) await api.changeConversation(item.id, change(item));
    } finally {
      await this.reload();
    }
  }

  /** @param {string} id @returns {Promise<import('../api.js').Erased | null>} what has learned from it; null when it was not there (any more), as wished */
  async remove(id) {
    const erased = await api.deleteConversation(id).catch((error) => {
      if (error.status !== 404) throw error;
      return null;
    });
    this.#forget((item) => item.id === id);
    return erased;
  }

  /** @param {string[] | 'all'} ids @returns {Promise<import('../api.js').Erased[]>} what has learned from them */
  async removeMany(ids) {
    const erased = [];
    if (ids === 'all') erased.push(...(await api.deleteConversations('all')).data);
    else for (let i = 0; i < ids.length; i += MOST) erased.push(...(await api.deleteConversations(ids.slice(i, i + MOST))).data);
    this.#forget((item) => ids === 'all' || ids.includes(item.id));
    return erased;
  }

  /** @param {(item: ConversationSummary) => boolean} isGone */
  #forget(isGone) {
    this.#begun = this.#begun.filter((item) => !isGone(item));
    this.items = this.items.filter((item) => !isGone(item));
    this.#changed();
    void this.reload(); // a list that was on its way would bring them back
  }

  /** Whether the list is of all that is not put away. */
  get #isWhole() {
    return this.query === '' && this.shelf === 'all';
  }

  async reload() {
    this.#request.abort(); // an older search must not answer after a newer one
    const { signal } = this.#request = new AbortController();
    try {
      const [pinned, { data, hasMore }, folders] = await Promise.all([
        this.#isWhole ? api.listConversations({ pinned: true, archived: false, limit: MOST, signal }).then((page) => page.data) : [],
        this.#read(signal), api.listTags(signal),
      ]);
      this.folders = folders.data;
      this.#begun = this.#begun.filter((begun) => !data.some((item) => item.id === begun.id));
      this.items = this.#isWhole ? [...pinned, ...this.#begun, ...data] : data;
      this.hasMore = hasMore;
      this.error = null;
    } catch (error) {
      if (signal.aborted) return;
      this.error = /** @type {Error} */ (error);
    }
    this.isLoading = false;
    if (this.#fingerprint !== this.#shown) this.#changed(); // or a row that is being clicked would be another one
  }

  get #fingerprint() {
    return JSON.stringify([this.query, this.shelf, this.items, this.folders, this.hasMore, this.error?.message, this.isLoading]);
  }

  /** As much as was asked for, in as many reads as it takes. @param {AbortSignal} signal */
  async #read(signal) {
    /** @type {ConversationSummary[]} */
    const data = [];
    for (;;) {
      const page = await api.listConversations({ ...this.#filter, after: data.at(-1)?.id, limit: Math.min(this.#unfolded - data.length, MOST), signal });
      data.push(...page.data);
      if (!page.has_more || data.length >= this.#unfolded) return { data, hasMore: page.has_more };
    }
  }

  /** A search looks into the archive, too: it is where things are that are looked for. */
  get #filter() {
    if (this.query !== '') return { q: this.query };
    if (this.shelf === 'all') return { archived: false, pinned: false };
    return this.shelf === 'archive' ? { archived: true } : { tag: this.shelf.slice(1) };
  }

  #changed() {
    this.#shown = this.#fingerprint;
    this.dispatchEvent(new Event('change'));
  }
}
