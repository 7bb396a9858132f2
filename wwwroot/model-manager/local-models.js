// @ts-check
// The models on this machine: what each is, loaded, unloaded, set up and deleted.

import { api } from '../api.js';
import { fill, h, icon } from '../dom.js';
import { explain } from '../errors.js';
import { bytes } from '../format.js';
import { t } from '../i18n/i18n.js';
import { confirm } from '../shell/dialog.js';
import { store } from '../store.js';
import { Elapsed } from './elapsed.js';
import { refreshModels } from './live-models.js';
import { askHowToLoad } from './load-dialog.js';
import { factLine, fits, isForChat, parameters, purpose } from './model-words.js';

/** @typedef {import('../api.js').LocalModel} LocalModel */

export class LocalModels {
  #title = h('h2', { id: 'here-title', tabindex: -1 }, t('models.here'));
  #list = h('ul', { class: 'local-models' });
  element = h('section', { 'aria-labelledby': 'here-title' }, this.#title, h('p', { class: 'quiet' }, t('models.here.about')), this.#list);
  /** What went wrong with one, until it is tried again. @type {Map<string, string>} */
  #problems = new Map();
  /** Being loaded by this page, and since when. @type {Map<string, number>} */
  #loading = new Map();

  /** @param {AbortSignal} signal */
  constructor(signal) {
    store.watch(['models'], () => this.#draw(), signal);
    store.watch(['loading'], ({ loading }) => {
      const bar = this.#list.querySelector('.model-loading progress');
      if (!loading) return;
      if (!bar) this.#draw();
      else if (loading.share !== null) bar.setAttribute('value', String(loading.share));
    }, signal);
  }

  #draw() {
    const { models } = store.state;
    if (models === null) return fill(this.#list, h('li', { class: 'skeleton tall' }));
    const focused = this.#list.contains(document.activeElement) ? document.activeElement?.getAttribute('aria-label') : null;
    fill(this.#list, models.length > 0 ? models.map((model) => this.#row(model)) : h('li', { class: 'quiet' }, t('models.none')));
    if (focused) [...this.#list.querySelectorAll('button')].find((button) => button.getAttribute('aria-label') === focused)?.focus();
  }

  /** @param {LocalModel} model */
  #row(model) {
    const since = this.#loading.get(model.name) ?? (model.state === 'loading' ? store.state.loading?.since ?? Date.now() : null);
    const problem = this.#problems.get(model.name) ?? model.problem;
    return h('li', { class: `model${model.state === 'loaded' ? ' loaded' : ''}`, 'data-model': model.name },
      h('div', { class: 'model-name' }, h('strong', {}, model.name),
        model.state === 'loaded' && h('span', { class: 'tag' }, t('models.isLoaded')),
        model.is_base && h('span', { class: 'tag plain' }, t('models.isBase')),
        !model.usable && h('span', { class: 'tag warn' }, t('models.unusable')),
        model.usable && model.state !== 'loaded' && fits(model.memory)),
      h('p', { class: 'quiet' }, factLine([
        purpose(model.capabilities), model.parameters ? parameters(model.parameters) : null, model.quantization, bytes(model.bytes),
        model.context_length ? t('models.context', { tokens: model.context_length }) : null, model.architecture, model.license && t('models.license', { name: model.license }),
      ])),
      model.projectors.length > 0 && h('p', { class: 'quiet' }, t('models.projectors', { files: model.projectors.join(', ') })),
      problem && h('p', { class: 'version-problem', role: this.#problems.has(model.name) ? 'alert' : null }, icon('warning'), h('span', { lang: 'en' }, problem)),
      since !== null && h('p', { class: 'model-loading', role: 'status' }, h('progress', { 'aria-label': t('models.loadingOne', { name: model.name }), value: store.state.loading?.name === model.name ? store.state.loading.share : null }), t('models.reading'), ' ', new Elapsed(since).element),
      h('div', { class: 'buttons' }, this.#actions(model, since !== null)));
  }

  /** @param {LocalModel} model @param {boolean} isLoading */
  #actions(model, isLoading) {
    const { name } = model;
    const isReadable = model.architecture !== null && model.architecture !== undefined; // else its file is no model, or broken: loading it again cannot help
    return [
      isForChat(model.capabilities) && model.usable && h('a', { class: 'button small', href: `#/with/${encodeURIComponent(name)}`, 'aria-label': t('models.chatWith', { name }) }, icon('chat'), t('models.chat')),
      !model.usable && isReadable && this.#button('models.retry', name, () => this.#load(name), isLoading),
      model.usable && model.state === 'unloaded' && this.#button('models.load', name, () => this.#load(name), isLoading),
      model.state === 'loaded' && !model.is_base && this.#button('models.unload', name, () => this.#attempt(name, () => api.unloadModel(name)), false),
      isReadable && h('button', {
        type: 'button', class: 'icon-button', 'data-needs': 'admin', 'aria-label': t('models.setUpOne', { name }), title: t('models.setUp'), onclick: () => void this.#setUp(model),
      }, icon('sliders')),
      !model.is_base && model.state !== 'loaded' && h('button', {
        type: 'button', class: 'icon-button', 'data-needs': 'admin', 'aria-label': t('models.deleteOne', { name }), title: t('history.delete'), onclick: () => void this.#delete(model),
      }, icon('trash')),
    ];
  }

  /** @param {'models.load' | 'models.unload' | 'models.retry'} key @param {string} name @param {() => Promise<unknown>} act @param {boolean} isDisabled */
  #button(key, name, act, isDisabled) {
    return h('button', { type: 'button', class: 'button small', 'data-needs': 'admin', disabled: isDisabled, 'aria-label': `${t(key)}: ${name}`, onclick: () => void act() }, t(key));
  }

  /** @param {string} name */
  async #load(name) {
    this.#loading.set(name, Date.now());
    this.#problems.delete(name);
    this.#draw();
    await this.#attempt(name, () => api.loadModel(name));
    this.#loading.delete(name);
    this.#draw();
  }

  /** @param {LocalModel} model */
  async #setUp(model) {
    const answer = await askHowToLoad(model);
    if (answer === 'load') await this.#load(model.name);
    else if (answer === 'kept') await refreshModels();
  }

  /** @param {LocalModel} model */
  async #delete({ name, bytes: size }) {
    if (!await confirm({ title: t('models.delete.title', { name }), text: t('models.delete.text', { size: bytes(size) }), action: t('history.delete') })) return;
    if (await this.#attempt(name, () => api.deleteModel(name))) this.#title.focus(); // its row goes
  }

  /** @param {string} name @param {() => Promise<unknown>} work @returns {Promise<boolean>} */
  async #attempt(name, work) {
    try {
      this.#problems.delete(name);
      await work();
      await refreshModels();
      return true;
    } catch (error) {
      await refreshModels();
      this.#problems.set(name, explain(/** @type {Error} */ (error)));
      this.#draw();
      return false;
    }
  }
}
