// @ts-check
// Long work shows in the page's title, and, where its reader allows it, as a notification when it ends and nobody looks.

import { fill, h, icon } from '../dom.js';
import { percent } from '../format.js';
import { t } from '../i18n/i18n.js';
import { store } from '../store.js';
import { endedOf, progressOf, workOf } from './long-work.js';

const NAME = 'FineTuneChat';
let title = NAME;
let news = '';
let before = workOf(store.state);

/** @param {string} text what is shown; '' for a new chat */
export function setTitle(text) {
  title = text ? `${text} – ${NAME}` : NAME;
  draw();
}

/** Begins to follow. @param {AbortSignal} signal */
export function followWork(signal) {
  store.watch(['downloads', 'training'], (state) => {
    const now = workOf(state);
    for (const work of endedOf(before, now)) tell(work);
    before = now;
    draw();
  }, signal);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    news = '';
    draw();
  }, { signal });
}

function draw() {
  const progress = progressOf(before);
  const mark = progress ? (progress.share === null ? '…' : percent(Math.floor(progress.share * 100) / 100)) : news;
  const text = mark === '' ? title : `(${mark}) ${title}`;
  if (document.title !== text) document.title = text;
}

/** @param {import('./long-work.js').Work} work */
function tell({ key, kind, name, outcome }) {
  const isGood = outcome === 'done' || outcome === 'succeeded';
  const text = kind === 'download' ? t(isGood ? 'notice.download' : 'notice.downloadFailed', { name })
    : t(outcome === 'succeeded' ? 'notice.training' : outcome === 'refused' ? 'notice.trainingRefused' : 'notice.trainingFailed');
  if (document.visibilityState === 'visible' && document.hasFocus()) return; // its reader sees it
  news = isGood ? '✓' : '!';
  if (!canNotify() || Notification.permission !== 'granted') return;
  try {
    const notice = new Notification(NAME, { body: text, tag: key, icon: 'favicon.svg' });
    notice.onclick = () => {
      window.focus();
      location.hash = kind === 'download' ? '#/models' : '#/learning';
      notice.close();
    };
  } catch {
    // on some phones only a service worker may notify: the title says it
  }
}

/** Not on a plain http address of another machine: browsers allow it there to nobody. */
const canNotify = () => 'Notification' in window && isSecureContext;

/** Offers a notification; asks the browser for it only when pressed. @param {'notify.offer' | 'notify.allow'} [text] */
export function notifyOffer(text = 'notify.offer') {
  const element = h('div', { class: 'notify-offer' });
  const draw = () => {
    const permission = canNotify() ? Notification.permission : null;
    fill(element, permission === 'default' && h('button', { type: 'button', class: 'button small', onclick: () => void Notification.requestPermission().then(draw) }, icon('bell'), t(text)),
      permission === 'granted' && h('p', { class: 'quiet' }, t('notify.granted')),
      permission === 'denied' && h('p', { class: 'quiet' }, t('notify.denied')));
  };
  draw();
  return element;
}
