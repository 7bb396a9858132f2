// @ts-check
// The page opens while the server does not run. Browsers allow that on this machine and over https.

const WORKER = '/worker.js';

/** Has the browser keep the page; where it cannot or may not, nothing is lost. */
export function keepForOffline() {
  if (!('serviceWorker' in navigator)) return;
  const { trustedTypes } = /** @type {any} */ (globalThis);
  const address = trustedTypes?.createPolicy('worker', { createScriptURL: () => WORKER }).createScriptURL('') ?? WORKER;
  navigator.serviceWorker.register(address).catch(() => {});
}
