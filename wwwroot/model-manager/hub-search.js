// @ts-check
// Models on the hub: found by name, their quantisations with what fits here, fetched with one press.

import { api } from '../api.js';
import { fill, h, icon } from '../dom.js';
import { explain } from '../errors.js';
import { bytes, number } from '../format.js';
import { t } from '../i18n/i18n.js';
import { latest } from '../latest.js';
import { store } from '../store.js';
import { showDownload } from './live-models.js';
import { factLine, fits, parameters } from './model-words.js';

/** @typedef {import('../api.js').FoundModel} FoundModel */
/** @typedef {import('../api.js').OfferedModel} OfferedModel */

export class HubSearch {
  #text = h('input', { id: 'hub-search', type: 'search', placeholder: t('hub.placeholder'), autocomplete: 'off', maxlength: 200, 'aria-describedby': 'hub-about' });
  #result = h('div', { class: 'hub-result', role: 'status' });
  element = h('section', { 'aria-labelledby': 'hub-title' },
    h('h2', { id: 'hub-title' }, t('hub')),
    h('p', { class: 'quiet', id: 'hub-about' }, t('hub.about')),
    h('form', { class: 'hub-form', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void this.#search(); } },
      h('label', { class: 'visually-hidden', for: 'hub-search' }, t('hub.search')),
      h('div', { class: 'search' }, icon('search'), this.#text),
      h('button', { class: 'button primary' }, t('hub.search'))),
    this.#result);

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.signal = signal;
  }

  async #search() {
    if (this.#text.value.trim() === '') return this.#text.focus();
    fill(this.#result, h('div', { class: 'skeletons' }, h('div', { class: 'skeleton' }), h('div', { class: 'skeleton' })));
    await this.#find();
  }

  #find = latest(() => api.searchHub(this.#text.value.trim()).catch((/** @type {Error} */ error) => error), (found) => {
    fill(this.#result, found instanceof Error ? h('p', { class: 'error', role: 'alert' }, explain(found))
      : found.data.length === 0 ? h('p', { class: 'quiet' }, t('hub.nothing'))
      : h('ul', { class: 'found-models' }, found.data.map((model) => new FoundRow(model, this.signal).element)));
  });
}

/** One repository; what it offers is asked for when it is unfolded. */
class FoundRow {
  #offer = h('div', { class: 'offer' });
  #isRead = false;

  /** @param {FoundModel} model @param {AbortSignal} signal */
  constructor(model, signal) {
    this.model = model;
    this.element = h('li', {}, h('details', { ontoggle: () => void this.#read() },
      h('summary', {},
        h('span', { class: 'found-name' }, h('strong', {}, model.name), model.gated && h('span', { class: 'tag warn' }, t('hub.gated'))),
        h('span', { class: 'quiet' }, factLine([
          model.parameters ? parameters(model.parameters) : null, model.architecture, model.license ? t('models.license', { name: model.license }) : t('hub.noLicense'),
          t('hub.downloads', { count: number(model.downloads) }), t('hub.likes', { count: number(model.likes) }),
        ]))),
      this.#offer));
    store.watch(['models', 'downloads'], () => { if (this.#isRead && this.#shown) this.#draw(this.#shown); }, signal);
  }

  /** @type {OfferedModel | null} */
  #shown = null;

  async #read() {
    if (this.#isRead) return;
    this.#isRead = true;
    fill(this.#offer, h('div', { class: 'skeleton', role: 'status', 'aria-label': t('loading') }));
    try {
      this.#draw(await api.readOffer(this.model.name));
    } catch (error) {
      this.#isRead = false;
      fill(this.#offer, h('p', { class: 'error', role: 'alert' }, explain(/** @type {Error} */ (error))));
    }
  }

  /** @param {OfferedModel} offer */
  #draw(offer) {
    this.#shown = offer;
    fill(this.#offer,
      offer.gated && h('p', { class: 'notice' }, icon('key'), h('span', {}, t('hub.gated.how'))),
      h('ul', { class: 'quantizations' }, offer.quantizations.map((one) => h('li', {},
        h('span', { class: 'quantization' }, h('strong', {}, one.quantization), one.is_default && h('span', { class: 'tag plain' }, t('hub.usual'))),
        h('span', { class: 'quiet' }, factLine([bytes(one.bytes), one.parts > 1 && t('hub.parts', { count: one.parts })])),
        h('span', {}, fits(one.memory)),
        this.#action(offer, one)))),
      offer.projectors.length > 0 && h('p', { class: 'quiet' }, t('models.projectors', { files: offer.projectors.join(', ') })));
  }

  /** @param {OfferedModel} offer @param {import('../api-types.d.ts').OfferedQuantization} one */
  #action(offer, { name, quantization, is_here }) {
    const isHere = is_here || store.state.models?.some((model) => model.repository === offer.name && model.quantization === quantization);
    const isComing = store.state.downloads.some((download) => download.name === name && download.status === 'downloading');
    if (isHere) return h('span', { class: 'quiet' }, t('hub.here'));
    return h('button', { type: 'button', class: 'button small', disabled: isComing, 'aria-label': t('hub.fetchOne', { name }), onclick: () => void this.#fetch(name) },
      icon('download'), t(isComing ? 'hub.fetching' : 'hub.fetch'));
  }

  /** @param {string} name */
  async #fetch(name) {
    this.#offer.querySelector('.fetch-problem')?.remove();
    try {
      showDownload(await api.startDownload(name));
    } catch (error) {
      this.#offer.append(h('p', { class: 'error fetch-problem', role: 'alert' }, explain(/** @type {Error} */ (error))));
    }
  }
}
