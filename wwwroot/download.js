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
  saveBlob(await response.blob(), name);
}

/** @param {string} text @param {string} name of the file @param {string} type */
export function saveText(text, name, type) {
  saveBlob(new Blob([text], { type }), name);
}

/** @param {Blob} blob @param {string} name */
function saveBlob(blob, name) {
  const address = URL.createObjectURL(blob);
  save(address, fileName(name));
  setTimeout(() => URL.revokeObjectURL(address)); // the click has taken it by then
}

/** Without what a file's name cannot have. @param {string} name */
const fileName = (name) => name.replace(/[\\/:*?"<>|\s]+/g, ' ').trim();

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
