// @ts-check
// Collections of documents on the server: what the views of them share.

import { api } from '../api.js';
import { h, icon } from '../dom.js';
import { t } from '../i18n/i18n.js';

/**
 * @typedef {{ id: string, name: string, status: 'in_progress' | 'completed', created_at: number, usage_bytes: number,
 *   file_counts: { in_progress: number, completed: number, failed: number, cancelled: number, total: number }, vectors: { completed: number, total: number } }} Collection
 * @typedef {{ id: string, filename: string, status: 'in_progress' | 'completed' | 'failed', usage_bytes: number, last_error: { code: string, message: string } | null }} CollectionFile
 * @typedef {{ id: number, file_id: string, filename: string, heading: string, place: 'page' | 'slide' | 'row' | 'line' | 'none', first: number, last: number }} Source
 * @typedef {Source & { text: string, before: string | null, after: string | null }} Passage
 */

/** @type {Map<string, Promise<string>>} */
const names = new Map();

/** What a collection is called, as it was when it was first asked for. @param {string} id @returns {Promise<string>} */
export function nameOf(id) {
  const known = names.get(id) ?? api.readCollection(id).then(({ name }) => name || t('documents.unnamed'), (error) => {
    if (error.status === 404) return t('documents.gone');
    names.delete(id); // not for ever
    return t('documents.unnamed');
  });
  names.set(id, known);
  return known;
}

/** A collection's name where it is attached, with what can be done about it. @param {string} id @param {...(Node | null)} actions */
export function chip(id, ...actions) {
  const name = h('bdi', {}, '…');
  void nameOf(id).then((text) => { name.textContent = text; });
  return h('span', { class: 'chip document-chip' }, icon('document'), name, ...actions);
}

/** What the server can read. */
export const READABLE = '.pdf,.docx,.pptx,.xlsx,.html,.htm,.md,.markdown,.txt,.csv,.tsv,.eml,.json,.jsonl,.xml,.yml,.yaml,.log,.py,.js,.ts,.cs,.java,.c,.cpp,.h,.go,.rs,.sql,.sh,.css,.tex,.rst,.gz';

const PAUSE = 1000; // milliseconds between two looks at what is being read

/**
 * Uploads files one after the other into a collection.
 * @param {string} collection
 * @param {File[]} files
 * @param {(done: number) => void} tell after each file
 */
export async function addFiles(collection, files, tell) {
  for (const [i, file] of files.entries()) {
    const { id } = await api.uploadDocument(file);
    await api.addToCollection(collection, id);
    tell(i + 1);
  }
}

/**
 * Tells a collection's state until all of it is read.
 * @param {string} collection
 * @param {AbortSignal} signal
 * @param {(collection: Collection) => void} tell
 */
export async function follow(collection, signal, tell) {
  while (!signal.aborted) {
    const now = await api.readCollection(collection);
    if (signal.aborted) return;
    tell(now);
    if (now.status === 'completed' && now.vectors.completed === now.vectors.total) return;
    if (now.status === 'completed' && now.vectors.completed === 0) return; // no embedder: words must do
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
