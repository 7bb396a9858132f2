// @ts-check
// Keeps what the store says of models in step with the server.

import { may } from '../access.js';
import { api } from '../api.js';
import { latest } from '../latest.js';
import { store } from '../store.js';

/** @typedef {import('../api.js').Download} Download */

/** Reads again which models there are, and which are loaded. What cannot be read stays as it is: the top of the page says that the server is away. */
export const refreshModels = latest(
  () => Promise.all([api.listLocalModels(), api.listLoadedModels()]).catch(() => null),
  (answer) => { if (answer) store.update({ models: answer[0].data, loaded: answer[1].data }); });

export async function refreshDownloads() {
  if (!may('admin')) return;
  const page = await api.listDownloads().catch(() => null);
  if (page) store.update({ downloads: page.data });
}

/** @param {Download} download as an event or an answer tells it */
export function showDownload(download) {
  const { downloads } = store.state;
  const at = downloads.findIndex(({ name }) => name === download.name);
  const before = at < 0 ? null : downloads[at];
  const rest = downloads.filter(({ name }) => name !== download.name);
  store.update({ downloads: download.status === 'cancelled' ? rest : at < 0 ? [download, ...rest] : downloads.with(at, download) });
  if (download.status === 'done' && before?.status !== 'done') void refreshModels();
}

/** @param {{ name: string, state: 'loading' | 'loaded' | 'unloaded' | 'failed', progress: number | null }} change */
export function showModelState({ name, state, progress }) {
  const { loading } = store.state;
  if (state === 'loading') store.update({ loading: { name, since: progress !== null && loading?.name === name ? loading.since : Date.now(), share: progress } });
  else if (loading?.name === name) store.update({ loading: null });
  if (progress === null) void refreshModels();
}
