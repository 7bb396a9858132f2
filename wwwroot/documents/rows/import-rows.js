// @ts-check
// The accepted rows become examples: what that would bring is shown first, as of any dataset.

import { api } from '../../api.js';
import { fill, h } from '../../dom.js';
import { explain } from '../../errors.js';
import { t } from '../../i18n/i18n.js';
import { asides, preview } from '../../import/report-view.js';
import { show } from '../../shell/dialog.js';

/** @param {string} synthesis its id @returns {Promise<void>} when the dialog is closed */
export async function importRows(synthesis) {
  const result = h('div', { class: 'import-result', role: 'status' }, h('p', { class: 'quiet' }, t('loading')));
  const start = h('button', { type: 'button', class: 'button primary', disabled: true, onclick: () => void run() }, t('import.start'));
  const close = h('button', { class: 'button' }, t('cancel'));
  const shown = show(h('dialog', { class: 'dialog wide import', 'aria-labelledby': 'import-title' },
    h('form', { method: 'dialog' }, h('h2', { id: 'import-title' }, t('import.examples')), result, h('div', { class: 'buttons' }, close, start))));
  await attempt(async () => {
    const report = await api.importRows(synthesis, true);
    const count = report.accepted + report.excluded;
    fill(result, preview(report));
    fill(start, t('import.count', { count }));
    start.disabled = false; // where all is known already, the rows are done with
  });
  await shown;

  async function run() {
    start.disabled = true;
    await attempt(async () => {
      const report = await api.importRows(synthesis, false);
      fill(result, h('p', {}, t('import.examples.done', { count: report.accepted + report.excluded }), ' ', asides(report)));
      start.hidden = true;
      fill(close, t('close'));
      close.focus();
      document.dispatchEvent(new Event('imported'));
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
