// @ts-check
// A button with a menu (WAI-ARIA menu button). The popover attribute brings the top layer, Escape and closing from outside.

import { h, icon, set } from '../dom.js';
import { explain } from '../errors.js';

/** @typedef {{ text: string, icon: Parameters<typeof icon>[0], isDanger?: boolean, act: () => void }} MenuItem */

let count = 0;

/**
 * @param {string} label of the button
 * @param {() => MenuItem[] | Promise<MenuItem[]>} items asked when the menu opens
 * @param {Parameters<typeof icon>[0]} [symbol]
 */
export function menuButton(label, items, symbol = 'more') {
  const id = `menu-${++count}`;
  const menu = h('div', { id, class: 'menu', role: 'menu', popover: 'auto', 'aria-label': label, onkeydown: key, ontoggle: toggled });
  const button = h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, 'aria-haspopup': 'menu', 'aria-expanded': false, onclick: () => void open() }, icon(symbol));
  return { button, menu };

  async function open() {
    const found = await Promise.resolve(items()).catch((error) => [{ text: explain(error), icon: /** @type {const} */ ('warning'), isDanger: true, act: () => {} }]);
    if (!menu.isConnected) return; // what it belonged to was drawn anew meanwhile
    menu.replaceChildren(...found.map((item) => h('button', {
      type: 'button', role: 'menuitem', class: item.isDanger ? 'danger' : null, tabindex: -1,
      onclick: () => { menu.hidePopover(); button.focus(); item.act(); },
    }, icon(item.icon), item.text)));
    menu.showPopover();
    place();
    entries()[0]?.focus();
  }

  function place() {
    const at = button.getBoundingClientRect();
    const height = menu.offsetHeight;
    const below = at.bottom + height < innerHeight;
    menu.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - height - 4)}px`;
    menu.style.left = `${Math.max(8, Math.min(at.right, innerWidth - 8) - menu.offsetWidth)}px`;
  }

  /** @param {ToggleEvent} event */
  function toggled(event) {
    set(button, 'aria-expanded', event.newState === 'open');
  }

  /** @returns {HTMLElement[]} */
  function entries() {
    return [...menu.querySelectorAll('button')];
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    const all = entries();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    /** @type {Record<string, number>} */
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 };
    if (event.key in moves) {
      all[moves[event.key] % all.length].focus();
      event.preventDefault();
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      menu.hidePopover();
      button.focus();
      event.stopPropagation();
      if (event.key === 'Escape') event.preventDefault();
    }
  }
}
