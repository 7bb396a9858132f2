// @ts-check
// Keeps the store in step with the server: GET /api/events while it is there, a fresh read after each gap.

import { api } from './api.js';
import { store } from './store.js';

/** @typedef {import('./api.js').Run} Run */

const RETRY_AFTER_MS = 2000;
const HEALTH_PAUSE_MS = 1500;

/** Connects, and connects again whenever the server was away. */
export function connect() {
  const events = new EventSource('/api/events');

  events.onopen = () => {
    store.update({ online: true });
    void refreshLearning();
    void refreshEngine();
  };
  events.onerror = () => {
    store.update({ online: false });
    // The browser retries a lost connection itself, but gives up after an HTTP error.
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_AFTER_MS);
  };

  on(events, 'engine.state', (/** @type {{ state: 'starting' | 'ready' | 'failed', model?: string }} */ { state, model }) =>
    store.update({ engine: { state, model: model ?? null } }));
  on(events, 'training.progress', showProgress);
  on(events, 'training.finished', () => void refreshLearning());
  on(events, 'version.activated', () => void refreshLearning());
}

/** Reads training and versions again. */
export async function refreshLearning() {
  try {
    const [training, versions] = await Promise.all([api.training(), api.listVersions()]);
    store.update({ training, versions: versions.data, learningError: null });
  } catch (error) {
    store.update({ learningError: error instanceof Error ? error.message : String(error) });
  }
}

/** @param {Run} run */
function showProgress(run) {
  const { training } = store.state;
  if (training) store.update({ training: { ...training, run } });
  else void refreshLearning();
}

/** The event stream tells changes only; the state at the time of connecting is what /health says. */
async function refreshEngine() {
  const ready = await api.health().catch(() => false);
  const { engine } = store.state;
  if (ready) store.update({ engine: { ...engine, state: 'ready' } });
  else if (engine.state !== 'failed') {
    store.update({ engine: { ...engine, state: 'starting' } });
    if (store.state.online) setTimeout(refreshEngine, HEALTH_PAUSE_MS);
  }
}

/**
 * @template T
 * @param {EventSource} events
 * @param {string} name
 * @param {(data: T) => void} handle
 */
function on(events, name, handle) {
  events.addEventListener(name, (event) => handle(JSON.parse(/** @type {MessageEvent<string>} */ (event).data)));
}
