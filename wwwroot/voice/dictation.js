// @ts-check
// Writes down what is said. Where the browser can do that on this machine, it is done here; otherwise it sends the sound to its maker, and its user is asked first.

import { fill, h, icon, label, set } from '../dom.js';
import { language, t } from '../i18n/i18n.js';
import { allowDictation, isDictationAllowed } from '../preferences.js';
import { confirm, tell } from '../shell/dialog.js';

/** Not all browsers have it, and some by another name. @type {any} */
const Recognition = /** @type {any} */ (globalThis).SpeechRecognition ?? /** @type {any} */ (globalThis).webkitSpeechRecognition;

/**
 * @param {() => string} read what stands there already
 * @param {(text: string) => void} write
 * @param {AbortSignal} signal ends the view
 * @returns {HTMLButtonElement | null} null where the browser cannot listen
 */
export function dictationButton(read, write, signal) {
  if (!Recognition || !isSecureContext) return null;
  /** @type {any} */
  let listening = null;
  const button = h('button', { type: 'button', class: 'icon-button dictate', onclick: () => (listening ? listening.stop() : void begin()) });
  signal.addEventListener('abort', () => listening?.abort());
  draw();
  return button;

  async function begin() {
    const lang = navigator.languages.find((tag) => tag.startsWith(language())) ?? language();
    const isLocal = await listensHere(lang);
    if (!isLocal && !isDictationAllowed()) {
      if (!(await confirm({ title: t('voice.sends.title'), text: t('voice.sends'), action: t('voice.sends.allow'), isHarmless: true }))) return;
      allowDictation();
    }
    const before = read(), gap = before === '' || /\s$/.test(before) ? '' : ' ';
    listening = Object.assign(new Recognition(), { lang, continuous: true, interimResults: true });
    if (isLocal) listening.processLocally = true;
    listening.onresult = (/** @type {any} */ event) => write(before + gap + [...event.results].map((result) => result[0].transcript).join(''));
    listening.onerror = (/** @type {any} */ event) => {
      if (event.error === 'no-speech' || event.error === 'aborted') return;
      void tell(t('voice.failed.title'), t(event.error === 'not-allowed' ? 'voice.denied' : 'voice.failed'));
    };
    listening.onend = () => {
      listening = null;
      draw();
    };
    listening.start();
    draw();
  }

  function draw() {
    label(button, listening ? t('voice.stopDictating') : t('voice.dictate'));
    set(button, 'aria-pressed', listening !== null);
    fill(button, icon('microphone'));
  }
}

/** Whether the browser knows the language without the network. @param {string} lang */
async function listensHere(lang) {
  try {
    return (await Recognition.available({ langs: [lang], processLocally: true })) === 'available';
  } catch {
    return false; // it cannot be asked: it does not
  }
}
