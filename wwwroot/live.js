// @ts-check
// Keeps the store in step with the server: GET /api/events while it is there, a fresh read after each gap.

import { may, refreshAccess } from './access.js';
import { ApiError, api, FIRST, send } from './api.js';
import { refreshDownloads, refreshModels, showDownload, showModelState } from './model-manager/live-models.js';
import { readEvents } from './sse.js';
import { store } from './store.js';

/** @typedef {import('./api.js').Run} Run */

const RETRY_AFTER_MS = 2000;
const HEALTH_PAUSE_MS = 1500;

/** @type {Record<string, (data: any) => void>} */
const HANDLERS = {
  'engine.state': showEngine,
  'training.progress': showProgress,
  'training.finished': () => void refreshLearning(),
  'synthesis.progress': (job) => document.dispatchEvent(new CustomEvent('synthesis', { detail: job })),
  'version.activated': () => void refreshLearning(),
  'conversation.changed': (news) => document.dispatchEvent(new CustomEvent('conversation', { detail: news })),
  'model.state': showModelState,
  'model.progress': showDownload,
};

/** Listens, and connects again whenever the server was away. EventSource cannot send a key, so this is a fetch. */
export async function connect() {
  for (;;) {
    try {
      const response = await send('/api/events', { headers: { Accept: 'text/event-stream' } });
      store.update({ online: true });
      void refreshAccess().then(() => Promise.all([refreshLearning(), refreshModels(), refreshDownloads()]));
      void refreshEngine();
      for await (const { event, data } of readEvents(/** @type {ReadableStream<Uint8Array>} */ (response.body))) HANDLERS[event]?.(JSON.parse(data));
      store.update({ online: false });
    } catch (error) {
      store.update({ online: false });
      if (error instanceof ApiError && error.status === 401) await new Promise((resolve) => document.addEventListener('keychange', resolve, { once: true })); // asked, and no key was given
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
  }
}

/** @type {Promise<void> | null} */
let reading = null;
let isStale = false;
/** What an event has told since the read began: newer than its answer. @type {Run | null} */
let told = null;

/** Reads training and versions again; ends when what was true at the call is shown. One read at a time, so that no older answer comes last. */
export async function refreshLearning() {
  if (!may('train')) return; // the Learning view says so
  isStale = true;
  await (reading ??= readLearning().finally(() => { reading = null; }));
}

async function readLearning() {
  while (isStale) {
    isStale = false;
    told = null;
    try {
      const { assistant } = store.state;
      const [training, versions] = await Promise.all([api.training(), api.listVersions()]);
      if (assistant !== store.state.assistant) continue; // another was chosen meanwhile: that has made this stale
      store.update({ training: told ? { ...training, run: told } : training, versions: versions.data, learningError: null });
    } catch (error) {
      store.update({ learningError: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** The first assistant's engine always runs; those of others start when they are asked. @param {{ state: 'starting' | 'ready' | 'failed', model?: string, assistant: string }} change */
function showEngine({ state, model, assistant }) {
  if (assistant === FIRST) store.update({ engine: { state, model: model ?? null } });
}

/** @param {Run} run */
function showProgress(run) {
  if (run.assistant !== store.state.assistant) return;
  const { training } = store.state;
  told = run;
  if (training) store.update({ training: { ...training, run } });
  else void refreshLearning();
}

/** The event stream tells changes only; the state at the time of connecting is what /health says. */
async function refreshEngine() {
  const { engine } = store.state;
  const health = await api.health().catch(() => null);
  if (store.state.engine !== engine) return; // an event has told more meanwhile
  if (health === 'no_model') {
    store.update({ engine: { state: 'missing', model: null } }); // until there is one; then the server begins anew, and the stream of events with it
  } else if (health === 'ok') store.update({ engine: { ...engine, state: 'ready' } });
  else if (engine.state !== 'failed') {
    store.update({ engine: { ...engine, state: 'starting' } });
    if (store.state.online) setTimeout(refreshEngine, HEALTH_PAUSE_MS);
  }
}
