// @ts-check
// The conversations that the sidebar lists: search, pages, changes.

import { api } from '../api.js';
import { store } from '../store.js';

/** @typedef {import('../api.js').ConversationSummary} ConversationSummary */

const PAGE = 40, MOST = 100; // conversations of one read

/** Event `change`. */
export class History extends EventTarget {
  /** @type {ConversationSummary[]} */
  items = [];
  hasMore = false;
  isLoading = true;
  query = '';
  /** @type {Error | null} */
  error = null;
  /** Begun in this page and not yet seen in an answer: the server lists a conversation when its first reply is complete. @type {ConversationSummary[]} */
  #begun = [];
  #request = new AbortController();
  #unfolded = PAGE; // a reload that overtakes "show more" reads what was asked for

  /** @param {string} query what titles and messages must contain; '' for all */
  async search(query) {
    this.query = query;
    this.#unfolded = PAGE;
    await this.#read(undefined);
  }

  reload() {
    return this.#read(undefined);
  }

  more() {
    this.#unfolded = this.items.length + PAGE;
    return this.#read(this.items.at(-1)?.id);
  }

  /** Shows a conversation that has just begun, before the server has written it down. @param {string} id @param {string} title */
  begin(id, title) {
    if (this.query !== '' || this.items.some((item) => item.id === id)) return;
    const now = Date.now() / 1000;
    this.#begun = [{ id, title, assistant: store.state.assistant, created_at: now, updated_at: now }, ...this.#begun];
    this.items = [this.#begun[0], ...this.items];
    this.#changed();
  }

  /** @param {string} id @param {string} title */
  async rename(id, title) {
    const renamed = await api.renameConversation(id, title);
    this.items = this.items.map((item) => (item.id === id ? { ...item, title: renamed.title } : item));
    this.#changed();
    void this.reload(); // a list that was on its way would bring the old name back
  }

  /** @param {string} id @returns {Promise<import('../api.js').Erased | null>} what has learned from it; null when it was not there (any more), as wished */
  async remove(id) {
    const erased = await api.deleteConversation(id).catch((error) => {
      if (error.status !== 404) throw error;
      return null;
    });
    this.#begun = this.#begun.filter((item) => item.id !== id);
    this.items = this.items.filter((item) => item.id !== id);
    this.#changed();
    void this.reload(); // a list that was on its way would bring it back
    return erased;
  }

  /** @param {string | undefined} after */
  async #read(after) {
    this.#request.abort(); // an older search must not answer after a newer one
    const { signal } = this.#request = new AbortController();
    try {
      const limit = after === undefined ? Math.min(this.#unfolded, MOST) : PAGE;
      const page = await api.listConversations({ q: this.query, after, limit, signal });
      this.#begun = this.#begun.filter((begun) => !page.data.some((item) => item.id === begun.id));
      this.items = after !== undefined ? [...this.items, ...page.data] : this.query === '' ? [...this.#begun, ...page.data] : page.data;
      this.hasMore = page.has_more;
      this.error = null;
    } catch (error) {
      if (signal.aborted) return;
      this.error = /** @type {Error} */ (error);
    }
    this.isLoading = false;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
