// @ts-check
// Models that are being fetched, and those whose fetching was interrupted.

import { api } from '../api.js';
import { fill, h, icon } from '../dom.js';
import { explain } from '../errors.js';
import { bytes, duration } from '../format.js';
import { t } from '../i18n/i18n.js';
import { notifyOffer } from '../notices/notices.js';
import { store } from '../store.js';
import { refreshDownloads, showDownload } from './live-models.js';
import { factLine } from './model-words.js';

/** @typedef {import('../api.js').Download} Download */

export class Downloads {
  #list = h('ul', { class: 'downloads' });
  #problem = h('p', { class: 'error', role: 'alert' });
  element = h('section', { class: 'card', 'aria-labelledby': 'downloads-title', 'data-needs': 'admin' }, h('h2', { id: 'downloads-title' }, t('downloads')), this.#list, this.#problem, notifyOffer());
  /** @type {Map<string, DownloadRow>} */
  #rows = new Map();

  /** @param {AbortSignal} signal */
  constructor(signal) {
    store.watch(['downloads'], ({ downloads }) => this.#draw(downloads), signal);
  }

  /** A row is kept and told what is new: its buttons must not change under a finger. @param {Download[]} downloads */
  #draw(downloads) {
    this.element.hidden = downloads.length === 0;
    const rows = downloads.map((download) => {
      const row = this.#rows.get(download.name) ?? new DownloadRow(download.name, (work) => this.#attempt(work));
      row.update(download);
      return /** @type {const} */ ([download.name, row]);
    });
    this.#rows = new Map(rows);
    const elements = rows.map(([, row]) => row.element);
    if (elements.length !== this.#list.children.length || elements.some((element, i) => element !== this.#list.children[i])) fill(this.#list, elements);
  }

  /** @param {() => Promise<Download>} work */
  async #attempt(work) {
    try {
      fill(this.#problem);
      showDownload(await work());
    } catch (error) {
      fill(this.#problem, explain(/** @type {Error} */ (error)));
      void refreshDownloads();
    }
  }
}

class DownloadRow {
  #bar;
  #words = h('p', { class: 'quiet' });
  #buttons = h('div', { class: 'buttons' });
  #status = '';

  /** @param {string} name @param {(work: () => Promise<Download>) => Promise<void>} attempt */
  constructor(name, attempt) {
    this.name = name;
    this.attempt = attempt;
    this.#bar = h('progress', { max: 1, value: 0, 'aria-label': t('downloads.progress', { name }) });
    this.element = h('li', { class: 'download' }, h('strong', {}, name), this.#bar, this.#words, this.#buttons);
  }

  /** @param {Download} download */
  update({ status, bytes: got, total, bytes_per_second, seconds_left, error, model }) {
    this.#bar.max = Math.max(1, total);
    this.#bar.value = got;
    this.#bar.hidden = status === 'done';
    const isRunning = status === 'downloading';
    fill(this.#words, status === 'failed' ? h('span', { class: 'error', role: 'alert' }, icon('warning'), ' ', h('span', { lang: 'en' }, error ?? ''))
      : status === 'done' ? t('downloads.done', { name: model ?? this.name, size: bytes(total) })
      : factLine([
        t('downloads.of', { got: bytes(got), total: bytes(total) }),
        isRunning ? bytes_per_second > 0 && t('downloads.speed', { size: bytes(bytes_per_second) }) : t('downloads.paused'),
        isRunning && seconds_left !== null && seconds_left !== undefined && t('run.timeLeft', { time: duration(seconds_left) }),
      ]));
    if (status === this.#status) return; // the buttons are those of the status
    this.#status = status;
    const { name } = this;
    fill(this.#buttons,
      isRunning && this.#button('downloads.pause', () => api.pauseDownload(name)),
      (status === 'paused' || status === 'failed') && this.#button('downloads.resume', () => api.startDownload(name)),
      status === 'done' ? model && h('a', { class: 'button small', href: `#/with/${encodeURIComponent(model)}`, 'aria-label': t('models.chatWith', { name: model }) }, icon('chat'), t('models.chat'))
        : this.#button('cancel', () => api.cancelDownload(name)));
  }

  /** @param {'downloads.pause' | 'downloads.resume' | 'cancel'} key @param {() => Promise<Download>} work */
  #button(key, work) {
    return h('button', { type: 'button', class: 'button small', 'aria-label': `${t(key)}: ${this.name}`, onclick: () => void this.attempt(work) }, t(key));
  }
}
