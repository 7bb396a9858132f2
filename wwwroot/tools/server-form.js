// @ts-check
// A server of tools: a program with its arguments and environment, or an address with its headers.

import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';

/** @typedef {import('./toolbox.js').ToolServer} ToolServer */

export class ServerForm {
  #name = input('tools-name', { required: true, maxlength: 24, pattern: '[a-z][a-z0-9\\-]*', 'aria-describedby': 'tools-name-hint' });
  #kind = h('select', { id: 'tools-kind', onchange: () => this.#showKind() }, /** @type {const} */ (['stdio', 'http']).map((kind) => h('option', { value: kind }, t(`tools.kind.${kind}`))));
  #command = input('tools-command');
  #args = area('tools-args');
  #env = area('tools-env');
  #url = input('tools-url', { type: 'url', placeholder: 'https://' });
  #headers = area('tools-headers');
  #program = h('div', {}, field('tools.command', this.#command), field('tools.args', this.#args), field('tools.env', this.#env));
  #remote = h('div', {}, field('tools.url', this.#url), field('tools.headers', this.#headers));
  #secrets = h('p', { class: 'hint' });
  #problem = h('p', { class: 'error', role: 'alert' });
  #save = h('button', { type: 'submit', class: 'button primary' }, t('tools.save'));

  /**
   * @param {ToolServer | null} server null: a new one
   * @param {(body: Record<string, unknown>) => Promise<void>} save
   * @param {() => void} cancel
   */
  constructor(server, save, cancel) {
    this.server = server;
    this.save = save;
    this.element = h('form', { class: 'tool-form', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void this.#submit(); } },
      field('tools.name', this.#name, h('p', { class: 'hint', id: 'tools-name-hint' }, t('tools.name.hint'))), field('tools.kind', this.#kind),
      this.#program, this.#remote, this.#secrets, this.#problem,
      h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'button', onclick: cancel }, t('cancel')), this.#save));
    this.#name.value = server?.name ?? '';
    this.#kind.value = server?.transport ?? 'stdio';
    this.#name.disabled = this.#kind.disabled = server !== null;
    this.#command.value = server?.command ?? '';
    this.#args.value = server?.args.join('\n') ?? '';
    this.#url.value = server?.url ?? '';
    const kept = [...server?.env ?? [], ...server?.headers ?? []];
    if (kept.length > 0) fill(this.#secrets, t('tools.secrets', { names: kept.join(', ') }));
    this.#showKind();
  }

  focus() {
    (this.server ? this.#kind.value === 'stdio' ? this.#command : this.#url : this.#name).focus();
  }

  #showKind() {
    const isProgram = this.#kind.value === 'stdio';
    this.#program.hidden = !isProgram;
    this.#remote.hidden = isProgram;
    this.#command.required = isProgram;
    this.#url.required = !isProgram;
  }

  async #submit() {
    const what = this.#kind.value === 'stdio'
      ? { command: this.#command.value.trim(), args: lines(this.#args), env: pairs(this.#env, '=') }
      : { url: this.#url.value.trim(), headers: pairs(this.#headers, ':') };
    this.#save.disabled = true;
    try {
      await this.save(this.server ? what : { name: this.#name.value.trim(), ...what });
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
    this.#save.disabled = false;
  }
}

/** @param {string} id @param {Record<string, any>} [attributes] */
const input = (id, attributes = {}) => h('input', { id, type: 'text', autocomplete: 'off', spellcheck: false, ...attributes });

/** @param {string} id */
const area = (id) => h('textarea', { id, rows: 2, autocomplete: 'off', spellcheck: false });

/** @param {import('../i18n/i18n.js').Key} label @param {HTMLElement} control @param {...HTMLElement} rest */
const field = (label, control, ...rest) => h('div', { class: 'field' }, h('label', { for: control.id }, t(label)), control, ...rest);

/** @param {HTMLTextAreaElement} text */
const lines = (text) => text.value.split('\n').filter((line) => line.trim() !== '');

/** @param {HTMLTextAreaElement} text @param {string} between */
const pairs = (text, between) => Object.fromEntries(lines(text).map((line) => {
  const at = line.indexOf(between);
  return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + between.length).trim()];
}));
