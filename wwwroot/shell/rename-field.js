// @ts-check
// The name of a conversation while it is typed, in its row.

import { fill, h } from '../dom.js';
import { explain } from '../errors.js';
import { t } from '../i18n/i18n.js';

/**
 * @param {string} title as it is
 * @param {(title: string) => Promise<void>} save
 * @param {() => void} close called when nothing is to be typed any more
 */
export function renameField(title, save, close) {
  const problem = h('p', { class: 'error', role: 'alert' });
  const input = h('input', { type: 'text', dir: 'auto', maxlength: 200, 'aria-label': t('history.newName'), onblur: () => void submit(), onkeydown: key });
  input.value = title;
  let isOver = false;

  async function submit() {
    const typed = input.value.trim();
    if (isOver) return;
    isOver = true;
    try {
      if (typed !== '' && typed !== title) await save(typed);
      close();
    } catch (error) {
      isOver = false; // the field stays, with what was typed
      fill(problem, explain(/** @type {Error} */ (error)));
    }
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    if (event.key === 'Enter') void submit();
    else if (event.key === 'Escape') {
      isOver = true;
      close();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return { elements: [input, problem], focus: () => { input.focus(); input.select(); } };
}
