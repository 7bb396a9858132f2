// @ts-check
// Keeps the page's own files, so that it opens while the server does not run. Nothing that was said is kept: only the document and what it names.

const worker = /** @type {any} */ (globalThis); // the types of workers and of pages do not go together
const SHELL = 'shell', DOCUMENT = '/';

worker.addEventListener('install', (/** @type {any} */ event) => event.waitUntil(fetch(DOCUMENT).then(keep).then(() => worker.skipWaiting())));
worker.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event, address = new URL(request.url);
  if (request.method !== 'GET' || address.origin !== location.origin) return;
  if (request.mode === 'navigate' && address.pathname === DOCUMENT) event.respondWith(open(event));
  else if (address.searchParams.has('v')) event.respondWith(file(request));
});

/** From the server, so that a new version of the page is never missed; what was kept only where it does not answer. @param {any} event */
async function open(event) {
  try {
    const response = await fetch(event.request);
    if (response.ok) event.waitUntil(keep(response.clone()));
    return response;
  } catch {
    return await caches.match(DOCUMENT) ?? Response.error();
  }
}

/** Its address changes with its content: one that is kept is right. @param {Request} request */
async function file(request) {
  return await caches.match(request) ?? fetch(request);
}

/** The document, all files that it names, and no others: those of an older version go. @param {Response} document */
async function keep(document) {
  if (!document.ok) throw new Error(`The page was answered with ${document.status}.`);
  const cache = await caches.open(SHELL);
  const named = new Set([...(await document.clone().text()).matchAll(/"([^"\s]+\?v=[0-9a-f]+)"/g)].map(([, address]) => new URL(address, location.origin).href));
  const kept = await cache.keys();
  const old = kept.filter(({ url }) => new URL(url).searchParams.has('v') && !named.has(url));
  const missing = [...named].filter((address) => !kept.some(({ url }) => url === address));
  await cache.addAll(missing);
  await cache.put(DOCUMENT, document);
  await Promise.all(old.map((request) => cache.delete(request)));
}
