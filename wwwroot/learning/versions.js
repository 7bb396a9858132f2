// @ts-check
// The versions of the assistant. Any of them can serve again: that is the way back.

import { api } from '../api.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { bytes, dateAndTime } from '../format.js';
import { t } from '../i18n/i18n.js';
import { refreshLearning } from '../live.js';
import { figureRows } from './words.js';

/** @typedef {import('../api.js').Version} Version */

export class Versions {
  #list = h('ul', { class: 'versions' });
  #problem = h('p', { class: 'error', role: 'alert' });
  element = h('section', { 'aria-labelledby': 'versions-title' },
    h('h2', { id: 'versions-title' }, t('versions.title')), h('p', { class: 'quiet' }, t('versions.about')), this.#problem, this.#list);
  /** @type {number | null} */
  #switchingTo = null;

  /** @param {Version[]} versions newest first */
  update(versions) {
    fill(this.#list, versions.map((version) => this.#row(version)));
  }

  /** @param {Version} version */
  #row(version) {
    const isSwitching = this.#switchingTo === version.number;
    return h('li', { class: `version${version.active ? ' active' : ''}`, 'data-version': version.number },
      h('div', { class: 'version-name' }, h('strong', {}, t('version.name', { number: version.number })),
        version.active ? h('span', { class: 'tag' }, t('versions.active')) : null),
      h('p', { class: 'quiet' }, [
        version.number === 0 ? t('versions.base') : dateAndTime(version.created_at),
        version.type, version.bytes ? bytes(version.bytes) : null,
      ].filter(Boolean).join(' · ')),
      h('dl', { class: 'figures small' }, figureRows(version.figures).filter((row) => row.isShare).map((row) => h('div', {}, h('dt', {}, row.label), h('dd', {}, row.after)))),
      version.active ? null : h('div', { class: 'buttons' },
        h('a', { class: 'button small', href: `#/with/assistant@${version.number}`, 'aria-label': t('versions.tryNumber', { number: version.number }) }, t('versions.try')),
        h('button', {
          type: 'button', class: 'button small', disabled: this.#switchingTo !== null, onclick: () => void this.#activate(version.number),
          'aria-label': t('versions.useNumber', { number: version.number }),
        }, isSwitching ? h('span', { class: 'spinner' }) : null, isSwitching ? t('versions.switching') : t('versions.use'))));
  }

  /** @param {number} number */
  async #activate(number) {
    this.#switchingTo = number;
    fill(this.#problem);
    await refreshLearning();
    try {
      await api.activateVersion(number);
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
    this.#switchingTo = null;
    await refreshLearning();
  }
}
