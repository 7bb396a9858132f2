// @ts-check
// Reads a reply aloud, with a voice that this machine has: a voice of the network would send it away.

import { fill, h, icon, label } from '../dom.js';
import { language, t } from '../i18n/i18n.js';
import { tell } from '../shell/dialog.js';
import { languageOf, sentences } from './spoken.js';

const VOICES_MS = 1000; // browsers look for their voices when they are first asked

/** Ends what is being read. */
let stop = () => {};

/**
 * @param {() => string} text what is to be read, asked when it is pressed
 * @returns {HTMLButtonElement | null} null where the browser cannot speak
 */
export function readButton(text) {
  if (!('speechSynthesis' in window)) return null;
  let isReading = false;
  const button = h('button', { type: 'button', class: 'icon-button', onclick: () => (isReading ? stop() : void read()) });
  draw();
  return button;

  async function read() {
    stop();
    const words = text(), spoken = languageOf(words, language());
    const voice = await localVoice(spoken);
    if (!voice) return tell(t('voice.none.title'), t('voice.none'));
    const pieces = sentences(words).map((piece) => Object.assign(new SpeechSynthesisUtterance(piece), { voice, lang: voice.lang }));
    const last = pieces.at(-1);
    if (!last) return;

    isReading = true;
    draw();
    const leaving = new AbortController();
    const end = () => {
      leaving.abort();
      isReading = false;
      draw();
    };
    stop = () => {
      stop = () => {};
      speechSynthesis.cancel();
      end();
    };
    addEventListener('hashchange', () => stop(), { signal: leaving.signal });
    last.addEventListener('end', end, { signal: leaving.signal });
    for (const piece of pieces) piece.addEventListener('error', () => stop(), { signal: leaving.signal });
    speechSynthesis.cancel();
    for (const piece of pieces) speechSynthesis.speak(piece);
  }

  function draw() {
    label(button, isReading ? t('voice.stopReading') : t('voice.read'));
    fill(button, icon(isReading ? 'stop' : 'speaker'));
  }
}

/** @param {string} spoken a language @returns {Promise<SpeechSynthesisVoice | null>} */
async function localVoice(spoken) {
  if (speechSynthesis.getVoices().length === 0)
    await new Promise((resolve) => {
      speechSynthesis.addEventListener('voiceschanged', resolve, { once: true });
      setTimeout(resolve, VOICES_MS);
    });
  return speechSynthesis.getVoices().find((voice) => voice.localService && voice.lang.toLowerCase().startsWith(spoken)) ?? null;
}
