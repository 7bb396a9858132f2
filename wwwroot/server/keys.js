// @ts-check
// API keys for other programs: made, shown once, revoked. Asked for only where other machines can reach the server.

import { api } from '../api.js';
import { assistants } from '../assistants/current.js';
import { copyButton } from '../copy.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { dateAndTime } from '../format.js';
import { t } from '../i18n/i18n.js';
import { confirm } from '../shell/dialog.js';

/** @typedef {import('../api.js').Key} Key */

const SCOPES = /** @type {const} */ (['chat', 'rate', 'train', 'admin']);

export class Keys {
  #name = h('input', { id: 'key-name', type: 'text', required: true, maxlength: 100, autocomplete: 'off' });
  #scopes = SCOPES.map((scope) => ({ scope, box: h('input', { type: 'checkbox', checked: scope === 'chat' || scope === 'rate' }) }));
  /** The assistants that a key is for, where there are several: all, unless somebody says otherwise. */
  #only = h('fieldset', { hidden: assistants().length < 2 }, h('legend', {}, t('keys.assistants')),
    assistants().map(({ id, name }) => h('label', { class: 'check' }, h('input', { type: 'checkbox', value: id }), h('span', {}, name))));
  #form = h('form', { class: 'key-form', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void this.#create(); } },
    h('div', { class: 'field' }, h('label', { for: 'key-name' }, t('keys.name')), this.#name),
    h('fieldset', {}, h('legend', { class: 'visually-hidden' }, t('keys.scopes')), this.#scopes.map(({ scope, box }) => h('label', { class: 'check' }, box, h('span', {}, t(`keys.${scope}`))))),
    this.#only,
    h('div', { class: 'buttons' }, h('button', { type: 'submit', class: 'button' }, t('keys.create'))));
  #fresh = h('div', { role: 'status' });
  #problem = h('p', { class: 'error', role: 'alert' });
  #list = h('ul', { class: 'keys' });
  element = h('section', { 'aria-labelledby': 'keys-title' },
    h('h2', { id: 'keys-title' }, t('keys')), h('p', { class: 'quiet' }, t('keys.about')),
    this.#form, this.#fresh, this.#problem, this.#list);

  constructor() {
    void this.#read();
  }

  async #create() {
    const scopes = this.#scopes.filter(({ box }) => box.checked).map(({ scope }) => scope);
    const only = [...this.#only.querySelectorAll('input')].filter(({ checked }) => checked).map(({ value }) => value);
    await this.#attempt(async () => {
      const { key = '' } = await api.createKey(this.#name.value.trim(), scopes, only.length > 0 ? only : undefined);
      this.#form.reset();
      fill(this.#fresh, h('div', { class: 'card fresh-key' }, h('p', {}, t('keys.fresh')), h('p', { class: 'row' }, h('code', {}, key), copyButton(() => key))));
    });
  }

  /** @param {Key} key */
  async #revoke(key) {
    if (!await confirm({ title: t('keys.revoke.title', { name: key.name }), text: t('keys.revoke.text'), action: t('keys.revoke') })) return;
    await this.#attempt(() => api.revokeKey(key.id));
    this.#name.focus();
  }

  /** @param {() => Promise<unknown>} work */
  async #attempt(work) {
    try {
      await work();
      fill(this.#problem);
      await this.#read();
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }

  async #read() {
    const { data } = await api.listKeys().catch(() => ({ data: [] })); // the models above have said what is wrong
    const inForce = data.filter(({ revoked_at }) => revoked_at === null);
    fill(this.#list, inForce.map((key) => h('li', {},
      h('span', { class: 'key-name' }, h('strong', {}, key.name), h('span', { class: 'quiet' }, `${[...key.scopes, ...key.assistants ?? []].join(', ')} · ${dateAndTime(key.created_at)}`)),
      h('button', { type: 'button', class: 'button small', 'aria-label': t('keys.revokeName', { name: key.name }), onclick: () => void this.#revoke(key) }, t('keys.revoke')))));
  }
}
