// @ts-check
// What a file would bring, before it is imported: what it is, what of it is changed or left out, the first examples.

import { h } from '../dom.js';
import { number } from '../format.js';
import { t } from '../i18n/i18n.js';
import { flagName, messageRows } from '../learning/dataset/example-words.js';
import { factLine } from '../model-manager/model-words.js';

/** @typedef {import('../api.js').ImportReport} ImportReport */
/** @typedef {import('../api-types.d.ts').DatasetNotice} Notice */

const NAMED_ROWS = 5, SHOWN_ERRORS = 10;

/** @param {ImportReport} report */
export function preview(report) {
  const { accepted, errors, bad_rows, examples, notices, question } = report;
  return [
    h('p', { class: 'quiet' }, h('span', { lang: 'en' }, report.format), ' · ', factLine([report.encoding, report.rows > 0 && t('import.rows', { count: report.rows })])),
    question === null && h('p', {}, t('import.preview', { count: accepted }), ' ', asides(report)),
    notices.length > 0 && h('details', { class: 'notices', open: true }, h('summary', {}, t('import.notices', { count: notices.length })),
      h('ul', { class: 'reasons', lang: 'en' }, notices.map(noticeRow))),
    question === null && bad_rows > 0 && h('p', { class: 'error' }, t('import.badRows', { count: bad_rows })),
    question === null && errors.length > 0 && h('ul', { class: 'reasons', lang: 'en' }, errors.slice(0, SHOWN_ERRORS).map(({ line, message }) => h('li', {}, t('import.row', { line }), ' ', message))),
    examples.length > 0 && h('ol', { class: 'preview', tabindex: 0, 'aria-label': t('import.first') }, examples.map(({ messages, flags }) =>
      h('li', {}, messageRows(messages), flags.length > 0 && h('p', { class: 'tags' }, flags.map((flag) => h('span', { class: 'tag warn' }, flagName(flag))))))),
  ];
}

/** @param {Notice} notice */
function noticeRow({ text, count, rows, details }) {
  const named = rows.slice(0, NAMED_ROWS).map((row) => number(row)).join(', ');
  return h('li', {}, text, count > 0 && h('span', { class: 'quiet' }, ` (${t('import.inRows', { count, rows: count > NAMED_ROWS ? `${named}, …` : named })})`),
    details.length > 0 && h('span', { class: 'quiet details' }, details.join(' · ')));
}

/** @param {ImportReport} report */
export function asides({ excluded, duplicates }) {
  return [excluded > 0 ? t('import.aside', { count: excluded }) : null, duplicates > 0 ? t('import.known', { count: duplicates }) : null].filter(Boolean).join(' ');
}

/** @param {import('../api.js').ChatImport} report */
export function chatWords({ imported, duplicates, errors }) {
  return [
    h('p', {}, t('import.chats.done', { count: imported }), ' ', duplicates > 0 && t('import.chats.duplicates', { count: duplicates })),
    errors.length > 0 && h('p', {}, t('import.chats.errors', { count: errors.length })),
    errors.length > 0 && h('ul', { class: 'reasons' }, errors.slice(0, SHOWN_ERRORS).map(({ index, message }) => h('li', { lang: 'en' }, t('import.chats.error', { index: index + 1, message })))),
  ];
}
