// @ts-check
// The servers of tools that an assistant has, in a dialog: what each offers, switched, changed, added, removed.

import { api } from '../api.js';
import { fill, h, icon } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { show } from '../shell/dialog.js';
import { forgetAllowed, hasAllowed } from './consent.js';
import { ServerForm } from './server-form.js';
import { readTools } from './toolbox.js';

/** @typedef {import('./toolbox.js').ToolServer} ToolServer */
/** @typedef {import('./toolbox.js').ServerTools} ServerTools */

const BUILT_IN = 'builtin';

/** @param {import('../api.js').Assistant} assistant */
export async function editTools(assistant) {
  const view = new ServersView(assistant.id, assistant.name);
  void view.refresh();
  await show(view.dialog);
}

class ServersView {
  #builtIn = h('input', { id: 'tools-builtin', type: 'checkbox', 'aria-describedby': 'tools-builtin-hint', onchange: () => void this.#change(() => this.#switchBuiltIn()) });
  #list = h('ul', { class: 'tool-servers', 'aria-busy': true });
  #place = h('div');
  #problem = h('p', { class: 'error', role: 'alert' });
  #add = h('button', { type: 'button', class: 'button', onclick: () => this.#open(null) }, icon('plus'), t('tools.add'));
  #forget = h('button', { type: 'button', class: 'button', onclick: () => { forgetAllowed(this.assistant); this.#forget.hidden = true; this.#close.focus(); } }, t('tools.forget'));
  #close = h('button', { type: 'button', class: 'button primary', onclick: () => this.dialog.close() }, t('close'));

  /** @param {string} assistant @param {string} name */
  constructor(assistant, name) {
    this.assistant = assistant;
    this.#forget.hidden = !hasAllowed(assistant);
    this.dialog = h('dialog', { class: 'dialog options', 'aria-labelledby': 'tools-title' }, h('div', {},
      h('h2', { id: 'tools-title' }, t('tools.title', { name })),
      h('p', {}, t('tools.about')),
      h('label', { class: 'check', for: 'tools-builtin' }, this.#builtIn, h('span', {}, t('tools.builtin'))),
      h('p', { class: 'hint', id: 'tools-builtin-hint' }, t('tools.builtin.hint')),
      this.#list, this.#problem, this.#place,
      h('div', { class: 'buttons' }, this.#add, this.#forget, this.#close)));
  }

  /** Shows what is configured at once, and what each offers when it has answered. */
  async refresh() {
    try {
      const { data } = await api.listToolServers(this.assistant);
      this.#draw(data, null);
      this.#draw(data, await readTools(this.assistant, true));
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
    this.#list.ariaBusy = 'false';
  }

  /** @param {ToolServer[]} servers @param {ServerTools[] | null} offered null: they have not answered yet */
  #draw(servers, offered) {
    const focused = document.activeElement?.getAttribute('data-focus') ?? null;
    this.#builtIn.checked = servers.some(({ name }) => name === BUILT_IN);
    const others = servers.filter(({ name }) => name !== BUILT_IN);
    fill(this.#list, others.length === 0 ? h('li', { class: 'quiet' }, t('tools.none')) : others.map((server) => this.#server(server, offered?.find((other) => other.server === server.name) ?? null)));
    if (focused) /** @type {HTMLElement | null} */ (this.#list.querySelector(`[data-focus="${focused}"]`))?.focus();
  }

  /** @param {ToolServer} server @param {ServerTools | null} offered */
  #server(server, offered) {
    const { name, enabled, command, args, url } = server;
    const box = h('input', { type: 'checkbox', checked: enabled, 'aria-label': t('tools.on', { name }), 'data-focus': `${name}-on`, onchange: () => void this.#change(() => api.changeToolServer(this.assistant, name, { enabled: box.checked })) });
    return h('li', { class: 'tool-server', 'data-server': name },
      h('label', { class: 'check' }, box, h('strong', {}, name)),
      h('code', {}, url ?? [command, ...args].join(' ')),
      offered === null ? h('p', { class: 'quiet', role: 'status' }, t('loading')) : state(offered),
      h('div', { class: 'buttons' },
        h('button', { type: 'button', class: 'button small', 'aria-label': t('tools.edit.of', { name }), 'data-focus': `${name}-edit`, onclick: () => this.#open(server) }, t('tools.edit')),
        h('button', { type: 'button', class: 'button small', 'aria-label': t('tools.remove.of', { name }), onclick: () => void this.#change(() => api.removeToolServer(this.assistant, name)).then(() => this.#add.focus()) }, t('tools.remove'))));
  }

  /** @param {ToolServer | null} server null: a new one */
  #open(server) {
    const form = new ServerForm(server, async (body) => {
      await (server ? api.changeToolServer(this.assistant, server.name, body) : api.addToolServer(this.assistant, body));
      done();
      await this.refresh();
    }, () => done());
    const done = () => {
      fill(this.#place);
      this.#add.hidden = false;
      this.#add.focus();
    };
    this.#add.hidden = true;
    fill(this.#place, form.element);
    form.focus();
  }

  #switchBuiltIn() {
    return this.#builtIn.checked ? api.addToolServer(this.assistant, { name: BUILT_IN }) : api.removeToolServer(this.assistant, BUILT_IN);
  }

  /** @param {() => Promise<unknown>} work */
  async #change(work) {
    try {
      await work();
      fill(this.#problem);
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
    await this.refresh();
  }
}

/** @param {ServerTools} offered */
function state({ state: is, problem, tools, left_out: leftOut }) {
  if (is === 'off') return h('p', { class: 'quiet' }, t('tools.off'));
  if (is === 'failed') return h('p', { class: 'error', lang: 'en' }, t('tools.failed', { problem: problem ?? '' }));
  return h('details', {}, h('summary', {}, t('tools.count', { count: tools.length })),
    h('ul', {}, tools.map(({ name, description }) => h('li', { dir: 'auto' }, h('code', {}, name), description ? ` – ${description}` : ''))),
    leftOut.length > 0 && [h('p', { class: 'quiet' }, t('tools.leftOut')), h('ul', { lang: 'en' }, leftOut.map(({ name, reason }) => h('li', {}, h('code', {}, name), ` – ${reason}`)))]);
}
