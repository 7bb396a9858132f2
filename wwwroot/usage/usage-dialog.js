// @ts-check
// What replies have taken: how many, tokens in and out, time, by what wrote them.

import { fill, h } from '../dom.js';
import { versionName } from '../chat/reply-view.js';
import { explain } from '../errors.js';
import { duration, number } from '../format.js';
import { t } from '../i18n/i18n.js';
import { show } from '../shell/dialog.js';

/** @typedef {import('../api-types.d.ts').UsageReport} Usage */

/** @param {string} name of a chat or an assistant @param {() => Promise<Usage>} read */
export async function showUsage(name, read) {
  const body = h('div', { 'aria-busy': true }, h('p', { class: 'quiet' }, t('loading')));
  const shown = show(h('dialog', { class: 'dialog options', 'aria-labelledby': 'usage-title' },
    h('form', { method: 'dialog' },
      h('h2', { id: 'usage-title', dir: 'auto' }, t('usage.of', { name })), body,
      h('div', { class: 'buttons' }, h('button', { class: 'button primary', autofocus: true }, t('close'))))));
  try {
    const usage = await read();
    fill(body, usage.replies === 0 ? h('p', {}, t('usage.none')) : [table(usage), h('p', { class: 'quiet' }, t('usage.about'))]);
  } catch (error) {
    fill(body, h('p', { class: 'error', role: 'alert' }, explain(/** @type {Error} */ (error))));
  }
  body.ariaBusy = 'false';
  await shown;
}

/** @param {Usage} usage */
function table(usage) {
  return h('div', { class: 'usage', tabindex: 0, role: 'region', 'aria-labelledby': 'usage-title' }, h('table', {},
    h('thead', {}, h('tr', {}, [t('usage.by'), t('usage.replies'), t('usage.in'), t('usage.out'), t('usage.time')].map((text) => h('th', { scope: 'col' }, text)))),
    h('tbody', {}, usage.models.map((model) => row(versionName(model.version ?? model.model), model))),
    usage.models.length > 1 && h('tfoot', {}, row(t('usage.total'), usage))));
}

/** @param {string} name @param {Pick<Usage, 'replies' | 'prompt_tokens' | 'completion_tokens' | 'seconds'>} figures */
function row(name, { replies, prompt_tokens: read, completion_tokens: written, seconds }) {
  return h('tr', {}, h('th', { scope: 'row' }, h('bdi', {}, name)), [number(replies), number(read), number(written), seconds < 10 ? t('usage.seconds', { seconds: number(seconds, 1) }) : duration(seconds)].map((text) => h('td', {}, text)));
}
