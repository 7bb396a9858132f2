// @ts-check
// Models in plain words.

import { bytes, number } from '../format.js';
import { t } from '../i18n/i18n.js';
import { h } from '../dom.js';

const CAPABILITIES = /** @type {const} */ (['chat', 'tools', 'thinking', 'completion', 'embeddings']);

/** What a model is for. @param {string[]} capabilities */
export function purpose(capabilities) {
  return CAPABILITIES.filter((name) => capabilities.includes(name)).map((name) => t(`models.for.${name}`)).join(', ');
}

/** `1.5 billion`. @param {number} count */
export function parameters(count) {
  return count >= 1e9 ? t('models.billions', { count: number(count / 1e9, count < 1e10 ? 1 : 0) }) : t('models.millions', { count: number(count / 1e6, count < 1e7 ? 1 : 0) });
}

/** Whether it fits in this machine's memory, as a mark. @param {import('../api-types.d.ts').MemoryFit | null | undefined} memory */
export function fits(memory) {
  if (!memory) return null;
  return h('span', { class: `tag fits ${memory.fits}`, title: t('models.fits.title', { needed: bytes(memory.bytes), free: bytes(memory.available), context: memory.context_length }) }, t(`models.fits.${memory.fits}`));
}

/** @param {(string | null | undefined | false)[]} facts */
export const factLine = (facts) => facts.filter(Boolean).join(' · ');

/** What a person may chat with. @param {string[]} capabilities */
export const isForChat = (capabilities) => !capabilities.includes('embeddings');
