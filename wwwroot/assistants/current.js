// @ts-check
// Which assistant the page is about: new chats are with it, and the Learning view shows what it learns.

import { api, askAbout, FIRST } from '../api.js';
import { refreshLearning } from '../live.js';
import { savedAssistant, saveAssistant } from '../preferences.js';
import { store } from '../store.js';

/** @typedef {import('../api.js').Assistant} Assistant */

const saved = savedAssistant();
if (saved) {
  askAbout(saved);
  store.update({ assistant: saved });
}

export const assistants = () => store.state.assistants ?? [];

/** @param {string} id @returns {Assistant | undefined} */
export const find = (id) => assistants().find((assistant) => assistant.id === id);

/** Whether a model id is that of an assistant: whichever version of it is in service. @param {string} model */
export const isAssistant = (model) => model === FIRST || find(model) !== undefined;

/** The assistant of a model id, of a version's, too; null for another local model. @param {string} model */
export function assistantOf(model) {
  const id = model.split('@')[0];
  return isAssistant(id) ? id : null;
}

/** Reads them again; one that is gone gives its place to the first. */
export async function refreshAssistants() {
  const { data } = await api.listAssistants().catch(() => ({ data: null }));
  if (data === null) return; // what is asked of it next says why
  store.update({ assistants: data });
  if (!find(store.state.assistant)) choose(data[0]?.id ?? FIRST);
}

/** @param {string} id */
export function choose(id) {
  if (id === store.state.assistant) return;
  saveAssistant(id === FIRST ? '' : id);
  askAbout(id);
  store.update({ assistant: id, training: null, versions: null, learningError: null });
  void refreshLearning();
}
