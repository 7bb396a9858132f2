// @ts-check
// Examples from a file: first what it would bring, then, if that is wanted, the import.

import { api } from '../../api.js';
import { fill, h } from '../../dom.js';
import { explain } from '../../errors.js';
import { t } from '../../i18n/i18n.js';
import { show } from '../../shell/dialog.js';
import { flagName, messageRows } from './example-words.js';

/** @typedef {import('../../api.js').ImportReport} ImportReport */

/** @returns {Promise<boolean>} whether anything was imported */
export async function importExamples() {
  let done = false;
  /** @type {{ file: string, text?: string, base64?: string } | null} */
  let content = null;
  const file = h('input', { id: 'examples-file', type: 'file', accept: '.jsonl,.json,.csv,.tsv,.xlsx', 'aria-describedby': 'examples-hint', onchange: () => void look() });
  const result = h('div', { class: 'import-result', role: 'status' });
  const start = h('button', { type: 'button', class: 'button primary', disabled: true, onclick: () => void run() }, t('import.start'));
  const close = h('button', { class: 'button' }, t('cancel'));
  await show(h('dialog', { class: 'dialog wide', 'aria-labelledby': 'examples-title' },
    h('form', { method: 'dialog' },
      h('h2', { id: 'examples-title' }, t('import.examples')),
      h('div', { class: 'field' }, h('label', { for: 'examples-file' }, t('import.file')), file, h('p', { class: 'hint', id: 'examples-hint' }, t('import.examples.hint'))),
      result,
      h('div', { class: 'buttons' }, close, start))));
  return done;

  async function look() {
    start.disabled = true;
    const chosen = file.files?.[0];
    if (!chosen) return;
    await attempt(async () => {
      content = { file: chosen.name, ...await read(chosen) };
      const report = await api.importExamples({ ...content, dry_run: true });
      const count = report.accepted + report.excluded;
      fill(result, preview(report));
      fill(start, t('import.count', { count }));
      start.disabled = count === 0;
    });
  }

  async function run() {
    start.disabled = true;
    await attempt(async () => {
      if (!content) return;
      const report = await api.importExamples({ ...content, dry_run: false });
      done = true;
      start.hidden = true;
      fill(close, t('close'));
      fill(result, h('p', {}, t('import.examples.done', { count: report.accepted + report.excluded }), ' ', asides(report)));
    });
  }

  /** @param {() => Promise<void>} work */
  async function attempt(work) {
    try {
      await work();
    } catch (error) {
      fill(result, h('p', { class: 'error', role: 'alert' }, explain(/** @type {Error} */ (error))));
    }
  }
}

/** Excel's files are no text. @param {File} file @returns {Promise<{ text: string } | { base64: string }>} */
async function read(file) {
  if (!file.name.toLowerCase().endsWith('.xlsx')) return { text: await file.text() };
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return { base64: btoa(binary) };
}

/** @param {ImportReport} report */
function preview(report) {
  const { accepted, errors, bad_rows, examples } = report;
  return [
    h('p', {}, t('import.preview', { count: accepted }), ' ', asides(report)),
    bad_rows > 0 && h('p', { class: 'error' }, t('import.badRows', { count: bad_rows })),
    errors.length > 0 && h('ul', { class: 'reasons', lang: 'en' }, errors.slice(0, 10).map(({ line, message }) => h('li', {}, t('import.row', { line }), ' ', message))),
    examples.length > 0 && h('ol', { class: 'preview', tabindex: 0, 'aria-label': t('import.first') }, examples.map(({ messages, flags }) =>
      h('li', {}, messageRows(messages), flags.length > 0 && h('p', { class: 'tags' }, flags.map((flag) => h('span', { class: 'tag warn' }, flagName(flag))))))),
  ];
}

/** @param {ImportReport} report */
function asides({ excluded, duplicates }) {
  return [excluded > 0 ? t('import.aside', { count: excluded }) : null, duplicates > 0 ? t('import.known', { count: duplicates }) : null].filter(Boolean).join(' ');
}
