// @ts-check

import { send } from './api.js';
import { h } from './dom.js';

/**
 * Saves what the server answers as a file. Not a plain link: that could not send a key.
 * @param {string} path
 * @param {string} name of the file
 */
export async function download(path, name) {
  const response = await send(path, {});
  const address = URL.createObjectURL(await response.blob());
  h('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address)); // the click has taken it by then
}
