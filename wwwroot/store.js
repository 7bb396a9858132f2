// @ts-check
// What several parts of the page show. Requests and the event stream write it, views watch it.

/**
 * @typedef {{ state: 'unknown' | 'starting' | 'ready' | 'failed' | 'missing', model: string | null }} Engine
 * @typedef {object} State
 * @property {Engine} engine
 * @property {import('./api.js').Access | null} access what this page's key may do; null until first read
 * @property {import('./api.js').Assistant[] | null} assistants null until first read
 * @property {string} assistant the id of the one that the page is about
 * @property {boolean} online whether the event stream is connected; true until the first failure
 * @property {import('./api.js').Training | null} training null until first read
 * @property {import('./api.js').Version[] | null} versions null until first read
 * @property {string | null} learningError why training or versions could not be read
 * @property {import('./api.js').LocalModel[] | null} models those on this machine; null until first read
 * @property {import('./api.js').LoadedModel[] | null} loaded engines that run; null until first read
 * @property {import('./api.js').Download[]} downloads
 * @property {{ name: string, since: number, share: number | null } | null} loading the model that is being loaded beside the assistant's, since when (milliseconds), how much of its weights is there
 */

class Store extends EventTarget {
  /** @type {State} */
  state = {
    engine: { state: 'unknown', model: null },
    access: null,
    assistants: null,
    assistant: 'assistant',
    online: true,
    training: null,
    versions: null,
    learningError: null,
    models: null,
    loaded: null,
    downloads: [],
    loading: null,
  };

  /** @param {Partial<State>} change */
  update(change) {
    Object.assign(this.state, change);
    for (const key of Object.keys(change)) this.dispatchEvent(new Event(key));
  }

  /**
   * Calls back now and after each change of one of the keys.
   * @param {(keyof State)[]} keys
   * @param {(state: State) => void} callback
   * @param {AbortSignal} signal ends it
   */
  watch(keys, callback, signal) {
    for (const key of keys) this.addEventListener(key, () => callback(this.state), { signal });
    callback(this.state);
  }

  /**
   * Waits while the engine starts. A failed engine ends the wait too: the request then says why.
   * @param {AbortSignal} signal
   * @returns {Promise<void>}
   */
  engineStarted(signal) {
    if (this.state.engine.state !== 'starting') return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = new AbortController();
      signal.addEventListener('abort', () => { stop.abort(); reject(signal.reason); }, { signal: stop.signal });
      this.addEventListener('engine', () => {
        if (this.state.engine.state === 'starting') return;
        stop.abort();
        resolve();
      }, { signal: stop.signal });
    });
  }
}

export const store = new Store();
