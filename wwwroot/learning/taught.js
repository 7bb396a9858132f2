// @ts-check
// What a version was taught, example by example: what it was asked, whether it has learned it, what it now writes.

import { api } from '../api.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { answerOf, questionOf } from './dataset/example-words.js';

/** @typedef {import('../api.js').VersionExample} VersionExample */

const VERDICTS = /** @type {const} */ ({ learned: 'taught.learned', partly: 'taught.partlyLearned', not_learned: 'taught.notLearned' });

/** A list that is read when it is opened. @param {number} version its number @param {string} title */
export function taughtList(version, title) {
  const list = h('ul', { class: 'taught' });
  const problem = h('p', { class: 'error', role: 'alert' });
  const more = h('button', { type: 'button', class: 'button small', hidden: true, onclick: () => void read() }, t('taught.more'));
  /** @type {string | undefined} */
  let last;

  async function read() {
    more.hidden = true;
    try {
      const page = await api.listVersionExamples(version, last);
      last = page.last_id ?? undefined;
      list.append(...page.data.map(row));
      if (list.childElementCount === 0) list.append(h('li', { class: 'quiet' }, t('taught.none')));
      more.hidden = !page.has_more;
      fill(problem);
    } catch (error) {
      fill(problem, explain(/** @type {Error} */ (error)));
      more.hidden = false;
    }
  }

  return h('details', { class: 'taught-list', ontoggle: (/** @type {Event} */ { currentTarget }) => {
    if (/** @type {HTMLDetailsElement} */ (currentTarget).open && list.childElementCount === 0) void read();
  } }, h('summary', {}, title), list, more, problem);
}

/** @param {VersionExample} example */
function row(example) {
  const { verdict, writes, otherwise, draws, right_draws } = example;
  const wanted = answerOf(example.messages);
  return h('li', { class: verdict ?? 'not-asked' },
    h('p', { class: 'taught-question' }, h('span', { dir: 'auto' }, questionOf(example.messages)), h('span', { class: `tag${verdict === 'learned' ? '' : ' warn'}` }, t(verdict ? VERDICTS[verdict] : 'taught.notAsked'))),
    h('dl', { class: 'said' },
      verdict === 'learned' && writes === wanted ? null : h('div', {}, h('dt', {}, t('taught.wanted')), h('dd', { dir: 'auto' }, wanted)),
      writes === null ? null : h('div', {}, h('dt', {}, t('taught.writes')), h('dd', { dir: 'auto' }, writes)),
      otherwise === null ? null : h('div', {}, h('dt', {}, t('taught.otherwise')), h('dd', { dir: 'auto' }, otherwise))),
    draws ? h('p', { class: 'quiet' }, t('taught.draws', { right: right_draws ?? 0, draws })) : null,
    example.changed ? h('p', { class: 'quiet' }, t('taught.changed')) : null);
}
