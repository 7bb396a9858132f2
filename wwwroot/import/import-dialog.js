// @ts-check
// A file becomes conversations or examples, whichever it can be: chosen, dropped or pasted; looked at first, asked about where it is not clear.

import { may } from '../access.js';
import { api } from '../api.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { latest } from '../latest.js';
import { show } from '../shell/dialog.js';
import { ColumnMap, isEnough } from './column-map.js';
import { isModel, toBase64 } from './file-bytes.js';
import { asides, chatWords, preview } from './report-view.js';

/** @typedef {import('../api.js').ImportReport} ImportReport */
/** @typedef {'chats' | 'examples'} Kind */
/** @typedef {{ map?: Record<string, string>, as?: string, encoding?: string }} Answers what the user says of a file */

/** Those of text files that are no UTF-8, as .NET names them; the importer detects the first. */
const ENCODINGS = ['windows-1252', 'windows-1250', 'windows-1251', 'windows-1253', 'windows-1254', 'iso-8859-2', 'shift_jis', 'gb18030', 'big5', 'euc-kr', 'utf-8'];

/** The importer's word for a text that it cannot decode. */
const ENCODING_UNCLEAR = /name its encoding/;

const OWN = 'FineTuneChat';

const MOST_BYTES = 200e6; // the server says what it takes; more than this would stop the page

/**
 * @param {{ file?: File, want?: Kind }} [start] a file that is here already; what it is wanted for
 * @returns {Promise<void>} tells by the document's event `imported` that something has come
 */
export async function importFile({ file, want } = {}) {
  const dialog = new ImportDialog(want ?? null);
  if (file) dialog.take(file);
  await show(dialog.element);
}

class ImportDialog {
  #input = h('input', { id: 'import-file', type: 'file', 'aria-describedby': 'import-hint', onchange: () => void this.#choose() });
  #kinds = h('fieldset', { class: 'import-kinds', hidden: true });
  #ask = h('div', { class: 'import-ask' });
  #encoding = h('select', { id: 'import-encoding', onchange: () => { this.#answers = { ...this.#answers, encoding: this.#encoding.value || undefined }; this.#report = null; void this.#look(); } },
    h('option', { value: '' }, t('import.encoding.detected')), ENCODINGS.map((name) => h('option', {}, name)));
  #encodingField = h('div', { class: 'field', hidden: true }, h('label', { for: 'import-encoding' }, t('import.encoding')), this.#encoding);
  #result = h('div', { class: 'import-result', role: 'status' });
  #ratings = h('input', { type: 'checkbox' });
  #ratingsLabel = h('label', { class: 'check', 'data-needs': 'rate', hidden: true }, this.#ratings, h('span', {}, t('import.ratings')));
  #start = h('button', { type: 'button', class: 'button primary', disabled: true, onclick: () => void this.#run() }, t('import.start'));
  #close = h('button', { class: 'button' }, t('cancel'));
  /** @type {{ file: string, base64: string } | null} */
  #content = null;
  /** @type {ImportReport | null} */
  #report = null;
  /** @type {Answers} */
  #answers = {};
  /** @type {Kind} */
  #kind;

  /** @param {Kind | null} want */
  constructor(want) {
    this.want = want;
    this.#kind = want ?? 'examples';
    this.element = h('dialog', { class: 'dialog wide import', 'aria-labelledby': 'import-title' },
      h('form', { method: 'dialog' },
        h('h2', { id: 'import-title' }, t(want === 'chats' ? 'import.title' : want === 'examples' ? 'import.examples' : 'import.any')),
        h('div', { class: 'field' }, h('label', { for: 'import-file' }, t('import.file')), this.#input, h('p', { class: 'hint', id: 'import-hint' }, t(want === 'chats' ? 'import.chats.hint' : 'import.examples.hint'))),
        this.#kinds, this.#ratingsLabel, this.#encodingField, this.#ask, this.#result,
        h('div', { class: 'buttons' }, this.#close, this.#start)));
  }

  /** @param {File} file */
  take(file) {
    const files = new DataTransfer();
    files.items.add(file);
    this.#input.files = files.files;
    void this.#choose();
  }

  async #choose() {
    const file = this.#input.files?.[0];
    [this.#content, this.#report, this.#answers] = [null, null, {}];
    this.#encoding.value = '';
    this.#encodingField.hidden = true;
    fill(this.#ask);
    this.#offer();
    if (!file) return fill(this.#result);
    fill(this.#result, h('p', { class: 'quiet' }, h('span', { class: 'spinner inline' }), ' ', t('import.looking')));
    await this.#attempt(async () => {
      if (await isModel(file)) throw new Error(t('import.isModel'));
      if (file.size > MOST_BYTES) throw new Error(t('import.tooLarge'));
      this.#content = { file: file.name, base64: await toBase64(file) };
      await this.#look();
    });
  }

  /** What it would bring as examples. Who wants conversations is not kept from them by what it would not be. */
  async #look() {
    if (!this.#content) return;
    if (!may('train')) {
      this.#kind = 'chats';
      fill(this.#result);
      return this.#offer();
    }
    await this.#read();
  }

  #read = latest(() => api.importExamples({ ...this.#content, ...this.#answers, dry_run: true }).catch((/** @type {Error} */ error) => error), (report) => {
    if (report instanceof Error) {
      this.#report = null;
      if (ENCODING_UNCLEAR.test(report.message)) this.#encodingField.hidden = false;
      fill(this.#result, this.want !== 'chats' && h('p', { class: 'error', role: 'alert' }, words(report)));
      return this.#offer();
    }
    const isFirst = this.#report === null;
    this.#report = report;
    if (report.notices.some(({ kind }) => kind === 'encoding')) this.#encodingField.hidden = false;
    if (isFirst && this.want === null) this.#kind = report.chat_program !== null ? 'chats' : 'examples';
    if (isFirst) this.#askAbout(report);
    this.#show();
  });

  #show() {
    this.#ask.hidden = this.#kind === 'chats';
    fill(this.#result, this.#kind === 'examples' && this.#report && preview(this.#report));
    this.#offer();
  }

  /** Which column is what, or who is to be imitated: where it is not clear it must be said, else it can be. @param {ImportReport} report */
  #askAbout({ question, columns, speakers }) {
    if (question?.about === 'speaker') {
      const select = h('select', { id: 'import-as', onchange: () => { this.#answers = { ...this.#answers, as: select.value || undefined }; void this.#look(); } },
        h('option', { value: '' }, t('import.as.choose')), speakers.map(({ name, messages }) => h('option', { value: name }, t('import.as.one', { name, count: messages }))));
      fill(this.#ask, h('div', { class: 'field' }, h('label', { for: 'import-as' }, t('import.as')), select, h('p', { class: 'hint' }, t('import.as.hint'))));
    } else if (columns.length > 0) {
      const map = new ColumnMap(columns, () => { this.#answers = { ...this.#answers, map: map.map }; if (isEnough(map.map)) void this.#look(); else this.#show(); });
      if (question) {
        fill(this.#ask, h('h3', {}, t('map.title')), h('p', {}, t('map.about')), map.element);
        if (isEnough(map.map)) { this.#answers = { ...this.#answers, map: map.map }; void this.#look(); } // what it has guessed is a proposal, looked at like any other
      } else fill(this.#ask, h('details', {}, h('summary', {}, t('map.change')), map.element));
    }
  }

  /** What can be done by now. */
  #offer() {
    const report = this.#report, canChats = this.#content !== null && (this.want === 'chats' || !may('train') || (report?.chat_program ?? null) !== null);
    const canExamples = report !== null;
    this.#kinds.hidden = !(canChats && canExamples && report.chat_program !== null);
    if (!this.#kinds.hidden) {
      fill(this.#kinds, h('legend', {}, t('import.kind', { program: report?.chat_program ?? '' })), /** @type {Kind[]} */ (['chats', 'examples']).map((kind) => h('label', { class: 'check' },
        h('input', { type: 'radio', name: 'import-kind', value: kind, checked: kind === this.#kind, onchange: () => { this.#kind = kind; this.#show(); } }), h('span', {}, t(`import.as.${kind}`)))));
    } else if (canChats !== canExamples) this.#kind = canChats ? 'chats' : 'examples';
    this.#ratingsLabel.hidden = !(canChats && this.#kind === 'chats' && (report?.chat_program ?? OWN) === OWN); // others have none
    const isMapped = this.#answers.map === undefined || isEnough(this.#answers.map);
    const count = this.#kind === 'examples' && report && report.question === null && isMapped ? report.accepted + report.excluded : 0;
    fill(this.#start, this.#kind === 'examples' && count > 0 ? t('import.count', { count }) : t('import.start'));
    this.#start.disabled = this.#kind === 'chats' ? !canChats : count === 0;
  }

  async #run() {
    this.#start.disabled = true;
    await this.#attempt(async () => {
      if (!this.#content) return;
      if (this.#kind === 'chats') {
        fill(this.#result, chatWords(await api.importConversations(this.#content, this.#ratings.checked)));
      } else {
        const report = await api.importExamples({ ...this.#content, ...this.#answers, dry_run: false });
        fill(this.#result, h('p', {}, t('import.examples.done', { count: report.accepted + report.excluded }), ' ', asides(report)));
      }
      for (const element of [this.#start, this.#kinds, this.#ratingsLabel, this.#encodingField, this.#ask]) element.hidden = true;
      fill(this.#close, t('close'));
      document.dispatchEvent(new Event('imported'));
    });
  }

  /** @param {() => Promise<void>} work */
  async #attempt(work) {
    try {
      await work();
    } catch (error) {
      fill(this.#result, h('p', { class: 'error', role: 'alert' }, words(/** @type {Error} */ (error))));
      this.#offer();
    }
  }
}

/** What this page says itself is said already. @param {Error} error */
const words = (error) => (error.constructor === Error ? error.message : explain(error));
