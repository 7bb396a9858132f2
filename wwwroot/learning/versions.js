// @ts-check
// The versions of the assistant. Any of them can serve again: that is the way back.

import { api } from '../api.js';
import { fill, h, icon } from '../dom.js';
import { download, downloadLarge } from '../download.js';
import { explain } from '../errors.js';
import { bytes, dateAndTime } from '../format.js';
import { t } from '../i18n/i18n.js';
import { refreshLearning } from '../live.js';
import { confirm, tell } from '../shell/dialog.js';
import { reasonList } from './reasons.js';
import { taughtList } from './taught.js';
import { figureRows, taughtInBrief } from './words.js';

/** @typedef {import('../api.js').Version} Version */

export class Versions {
  #list = h('ul', { class: 'versions' });
  #problem = h('p', { class: 'error', role: 'alert' });
  #title = h('h2', { id: 'versions-title', tabindex: -1 }, t('versions.title'));
  element = h('section', { 'aria-labelledby': 'versions-title' },
    this.#title, h('p', { class: 'quiet' }, t('versions.about')), this.#problem, this.#list);
  /** @type {number | null} */
  #switchingTo = null;
  #shown = '';

  /** Drawn again only when something has changed, so that what is open stays open. @param {Version[]} versions newest first */
  update(versions) {
    const key = JSON.stringify([this.#switchingTo, versions]);
    if (key === this.#shown) return;
    this.#shown = key;
    fill(this.#list, versions.map((version) => this.#row(version)));
  }

  /** @param {Version} version */
  #row(version) {
    const isSwitching = this.#switchingTo === version.number, isRefused = version.status === 'refused';
    return h('li', { class: `version${version.active ? ' active' : ''}`, 'data-version': version.number },
      h('div', { class: 'version-name' }, h('strong', {}, t('version.name', { number: version.number })),
        version.active ? h('span', { class: 'tag' }, t('versions.active')) : null,
        isRefused ? h('span', { class: 'tag warn' }, t('versions.refused')) : null),
      h('p', { class: 'quiet' }, [
        version.number === 0 ? t('versions.base') : dateAndTime(version.created_at),
        version.type, version.bytes ? bytes(version.bytes) : null,
      ].filter(Boolean).join(' · ')),
      version.number === 0 ? null : taughtList(version.number, taughtInBrief(version.gate) ?? t('taught.show')),
      version.gate ? h('details', { class: 'version-reasons' }, h('summary', {}, t(isRefused ? 'runs.whyRefused' : 'taught.criteria')), reasonList(version.gate),
        h('dl', { class: 'figures small' }, figureRows(version.figures).filter((row) => row.isBrief).map((row) => h('div', {}, h('dt', {}, row.label), h('dd', {}, row.after))))) : null,
      version.problem ? h('p', { class: 'version-problem' }, icon('warning'), h('span', {}, t('versions.problem'), ' ', h('span', { lang: 'en' }, version.problem))) : null,
      this.#downloads(version),
      version.active ? null : h('div', { class: 'buttons' },
        h('a', { class: 'button small', href: `#/with/${version.assistant}@${version.number}`, 'aria-label': t('versions.tryNumber', { number: version.number }) }, t('versions.try')),
        h('button', {
          type: 'button', class: 'button small', 'data-needs': 'admin', disabled: this.#switchingTo !== null, onclick: () => void (isRefused ? this.#activateRefused(version.number) : this.#activate(version.number)),
          'aria-label': t(isRefused ? 'versions.useRefusedNumber' : 'versions.useNumber', { number: version.number }),
        }, isSwitching ? h('span', { class: 'spinner' }) : null, t(isSwitching ? 'versions.switching' : isRefused ? 'versions.useRefused' : 'versions.use')),
        version.kept === 'base' ? null : h('button', {
          type: 'button', class: 'icon-button', 'data-needs': 'admin', disabled: this.#switchingTo !== null, onclick: () => void this.#remove(version),
          'aria-label': t('versions.delete', { number: version.number }), title: t('versions.delete', { number: version.number }),
        }, icon('trash'))));
  }

  /** What other programs can use. @param {Version} version */
  #downloads({ number, adapter }) {
    const path = `/api/versions/${number}`, name = `assistant-${number}`;
    /** @param {string} text @param {() => Promise<void>} action */
    const button = (text, action) => h('button', { type: 'button', class: 'button small', 'data-needs': 'train', onclick: () => void this.#try(action) }, text);
    return h('details', { class: 'version-files' },
      h('summary', { 'aria-label': t('versions.downloadNumber', { number }) }, t('versions.download')),
      h('div', { class: 'buttons' },
        adapter ? null : button(t('versions.gguf'), () => downloadLarge(`${path}/file`, `${name}.gguf`)),
        adapter ? null : button('Modelfile', () => download(`${path}/modelfile`, 'Modelfile')),
        number === 0 ? null : button(t('versions.adapter'), () => download(`${path}/adapter`, `${name}-adapter.gguf`)),
        number === 0 ? null : button(t('versions.peft'), () => download(`${path}/adapter?format=peft`, `${name}-peft.zip`))));
  }

  /** @param {() => Promise<void>} action */
  async #try(action) {
    fill(this.#problem);
    try {
      await action();
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
    }
  }

  /** @param {Version} version */
  async #remove({ number, kept }) {
    if (kept) return tell(t('versions.wayBack.title', { number }), t('versions.wayBack.text'));
    if (!await confirm({ title: t('versions.delete.title', { number }), text: t('versions.delete.text'), action: t('history.delete') })) return;
    await this.#try(async () => {
      await api.deleteVersion(number);
      this.#title.focus(); // its row goes
    });
    await refreshLearning();
  }

  /** @param {number} number */
  async #activateRefused(number) {
    if (await confirm({ title: t('versions.useRefused.title', { number }), text: t('versions.useRefused.text'), action: t('versions.useRefused') })) await this.#activate(number);
  }

  /** @param {number} number */
  async #activate(number) {
    this.#switchingTo = number;
    await refreshLearning();
    await this.#try(() => api.activateVersion(number));
    this.#switchingTo = null;
    await refreshLearning();
  }
}
