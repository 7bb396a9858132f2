// @ts-check
// Over every view: the menu on small screens, the conversation's title, what the model is doing.

import { Picker } from '../assistants/picker.js';
import { pickerItems } from '../chat/models.js';
import { fill, h, icon } from '../dom.js';
import { t } from '../i18n/i18n.js';
import { isRunning, runState } from '../learning/words.js';
import { setTitle } from '../notices/notices.js';
import { store } from '../store.js';
import { ModelPicker } from './model-picker.js';

export class TopBar {
  #title = h('div', { class: 'title' });
  #menu = h('button', { type: 'button', class: 'icon-button drawer-only', 'aria-label': t('sidebar.open'), 'aria-controls': 'sidebar', onclick: () => this.openSidebar() }, icon('menu'));
  #state = h('a', { href: '#/learning', class: 'state-chip' });
  #model = h('div', { class: 'top-model' });
  element = h('header', { class: 'top-bar' });

  /**
   * @param {import('./sidebar.js').Sidebar} sidebar
   * @param {AbortSignal} signal
   */
  constructor(sidebar, signal) {
    this.sidebar = sidebar;
    fill(this.element, this.#menu, new Picker(signal).element, this.#model, this.#title, this.#state);
    store.watch(['engine', 'online', 'training', 'versions'], (state) => this.#drawState(state), signal);
  }

  /** On small screens; elsewhere it is always there. */
  openSidebar() {
    if (this.#menu.offsetParent !== null) this.sidebar.open(this.#menu);
  }

  /**
   * @param {import('../chat/chat.js').Chat | null} chat null in other views
   * @param {'learning' | 'compare' | 'documents' | 'models' | 'assistants' | 'server' | null} place which other view
   * @param {AbortSignal} signal
   */
  show(chat, place, signal) {
    const draw = () => {
      const title = place ? t(place) : chat?.title ?? '';
      fill(this.#title, chat ? h('h1', { dir: 'auto' }, title || h('span', { class: 'visually-hidden' }, t(chat.isTemporary ? 'temporary' : 'chat.new'))) : h('span', {}, ''));
      setTitle(chat?.isTemporary ? t('temporary') : title); // browsers write it into their history
    };
    this.#showPicker(chat, signal);
    for (const event of ['messages', 'title']) chat?.addEventListener(event, draw, { signal });
    draw();
  }

  /** @param {import('../chat/chat.js').Chat | null} chat @param {AbortSignal} signal */
  #showPicker(chat, signal) {
    if (!chat) return fill(this.#model);
    const picker = new ModelPicker(pickerItems, (model) => chat.choose({ ...chat.options, model }));
    const draw = () => picker.show(chat.options.model, chat.options.model);
    for (const event of ['options', 'messages']) chat.addEventListener(event, draw, { signal });
    draw();
    fill(this.#model, picker.element);
  }

  /** @param {import('../store.js').State} state */
  #drawState({ engine, online, training, versions }) {
    const active = versions?.find((version) => version.active);
    const run = training?.run;
    /** @type {[string, string]} */
    const [kind, text] = !online ? ['bad', t('state.offline')]
      : engine.state === 'failed' ? ['bad', t('state.failed')]
      : engine.state === 'missing' ? ['bad', t('state.missing')]
      : engine.state === 'starting' ? ['busy', t('state.starting')]
      : run && isRunning(run) ? ['busy', runState(run)]
      : active ? ['good', t('version.name', { number: active.number })]
      : ['', ''];
    this.#state.hidden = text === '';
    this.#state.className = `state-chip ${kind}`;
    fill(this.#state, h('span', { class: 'dot', 'aria-hidden': 'true' }), text);
  }
}
