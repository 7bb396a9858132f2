// @ts-check
// The sources under a reply, or the word that the documents hold nothing about the question.

import { h, icon } from '../dom.js';
import { t } from '../i18n/i18n.js';
import { showPassage, whereIn } from './passage-dialog.js';

/** @param {import('./library.js').Source[] | null} sources null: no documents were asked */
export function footnotes(sources) {
  if (sources === null) return null;
  if (sources.length === 0) return h('p', { class: 'footnotes none' }, icon('warning'), t('documents.nothing'));
  return h('section', { class: 'footnotes', 'aria-label': t('documents.sources') },
    h('ol', {}, sources.map((source) => h('li', {},
      h('button', { type: 'button', class: 'link', title: t('documents.open'), onclick: () => void showPassage(source) },
        h('bdi', {}, source.filename), whereIn(source) && h('span', { class: 'quiet', dir: 'auto' }, ` ${whereIn(source)}`))))));
}
