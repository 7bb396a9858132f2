// @ts-check
// Why did you say that? The examples that a reply comes from, each with a switch.

import { api } from '../api.js';
import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';
import { isUsed } from '../learning/dataset/example-words.js';
import { show } from '../shell/dialog.js';

/** @typedef {import('../api.js').ReplySource} ReplySource */

/** @param {string} completion the reply's id */
export async function showSources(completion) {
  const body = h('div', { class: 'sources' }, h('p', { class: 'quiet' }, t('loading')));
  const shown = show(h('dialog', { class: 'dialog', 'aria-labelledby': 'dialog-title' },
    h('form', { method: 'dialog' },
      h('h2', { id: 'dialog-title' }, t('sources.title')),
      body,
      h('div', { class: 'buttons' }, h('button', { class: 'button primary', autofocus: true }, t('close'))))));
  try {
    const { data } = await api.readSources(completion);
    fill(body, data.length === 0 ? h('p', {}, t('sources.none')) : h('ul', {}, data.map(sourceRow)));
  } catch (error) {
    fill(body, h('p', { class: 'error', role: 'alert' }, explain(/** @type {Error} */ (error))));
  }
  await shown;
}

/** @param {ReplySource} source */
function sourceRow(source) {
  const problem = h('p', { class: 'error', role: 'alert' });
  const button = h('button', { type: 'button', class: 'button small', onclick: () => void toggle() });
  let { status } = source;
  const draw = () => fill(button, t(isUsed({ status }) ? 'example.exclude' : 'example.restore'));
  draw();

  async function toggle() {
    try {
      ({ status } = await api.changeExample(source.example_id, { status: isUsed({ status }) ? 'excluded' : 'accepted' }));
      fill(problem);
      draw();
    } catch (error) {
      fill(problem, explain(/** @type {Error} */ (error)));
    }
  }

  return h('li', { class: 'source' },
    h('p', { class: 'quiet' }, t(`sources.${source.how}`)),
    h('p', { dir: 'auto' }, source.question), h('blockquote', { dir: 'auto' }, source.reply), problem, button);
}
