// @ts-check

import { send } from './api.js';
import { h } from './dom.js';
import { apiKey } from './preferences.js';

/**
 * Saves what the server answers as a file. Not a plain link: that could not send a key.
 * @param {string} path
 * @param {string} name of the file
 */
export async function download(path, name) {
  const response = await send(path, {});
  const address = URL.createObjectURL(await response.blob());
  save(address, name);
  setTimeout(() => URL.revokeObjectURL(address)); // the click has taken it by then
}

/**
 * The same for files that memory may not hold: where no key is needed, the browser writes them to the disk as they come.
 * @param {string} path
 * @param {string} name
 */
export async function downloadLarge(path, name) {
  if (apiKey.get() === null) save(path, name);
  else await download(path, name);
}

/** @param {string} address @param {string} name */
function save(address, name) {
  h('a', { href: address, download: name }).click();
}
