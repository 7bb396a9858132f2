// @ts-check
// The model manager: what is loaded, what is here, what is on its way, what the hub has.

import { may } from '../access.js';
import { fill, h } from '../dom.js';
import { t } from '../i18n/i18n.js';
import { needsScope } from '../shell/needs-scope.js';
import { store } from '../store.js';
import { Downloads } from './downloads.js';
import { HubSearch } from './hub-search.js';
import { refreshDownloads, refreshModels } from './live-models.js';
import { LoadedModels } from './loaded-models.js';
import { LocalModels } from './local-models.js';

export class ModelsView {
  #title = h('h1', { tabindex: -1 }, t('models'));
  #content = h('div', { class: 'view-content' });
  element = h('div', { class: 'view models' }, h('header', { class: 'view-head' }, this.#title, h('p', { class: 'lead' }, t('models.about'))), this.#content);

  /** @param {AbortSignal} signal */
  constructor(signal) {
    void refreshModels();
    void refreshDownloads();
    store.watch(['access'], () => {
      if (this.#content.hasChildNodes()) return; // known once
      fill(this.#content, new LoadedModels(signal).element, new Downloads(signal).element, new LocalModels(signal).element,
        may('admin') ? new HubSearch(signal).element : needsScope('admin'));
    }, signal);
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }
}
