// @ts-check
// What this page's key may do on a server that asks for one. What it may not do is not offered (css/base.css).

import { api } from './api.js';
import { store } from './store.js';

/** @typedef {'chat' | 'rate' | 'train' | 'admin'} Scope */

/** Without a key, and until the server has said so, everything. @param {Scope} scope */
export const may = (scope) => store.state.access?.scopes.includes(scope) ?? true;

export async function refreshAccess() {
  const access = await api.access().catch(() => null);
  if (access === null) return; // what is refused then says why
  document.documentElement.dataset.may = access.scopes.join(' ');
  store.update({ access });
}
