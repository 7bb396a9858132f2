// @ts-check
// The models that a person can choose from. One that the gate refused says so, and comes after all others.

import { api } from '../api.js';
import { assistantOf } from '../assistants/current.js';
import { t } from '../i18n/i18n.js';
import { refreshModels } from '../model-manager/live-models.js';
import { isForChat, purpose } from '../model-manager/model-words.js';
import { bytes } from '../format.js';
import { store } from '../store.js';

/** @typedef {import('../api.js').Model} Model */

/** @returns {Promise<Model[]>} */
export async function readModels() {
  const { data } = await api.listModels();
  return data.sort((a, b) => Number(isRefused(a)) - Number(isRefused(b)));
}

/** Those that can answer in a chat with an assistant: its versions, and local models, which are nobody's. @param {string} [assistant] */
export async function readChoices(assistant = store.state.assistant) {
  return (await readModels()).filter(({ id }) => [assistant, null].includes(assistantOf(id)));
}

/** @param {Pick<Model, 'id' | 'status'>} model @param {string} name what it is called where it is shown */
export function choiceName(model, name) {
  return isRefused(model) ? t('model.refused', { name }) : name;
}

/** @param {Pick<Model, 'id' | 'status'>} model */
export function isRefused({ status }) {
  return status === 'refused';
}

/** What a chat can be asked with, for the picker: the assistant and its versions, then the other models, those that cannot be used at the end. */
export async function pickerItems() {
  const [models] = await Promise.all([readChoices(), refreshModels()]);
  const { models: local, loaded } = store.state;
  const running = new Set((loaded ?? []).filter(({ state }) => state === 'loaded').flatMap(({ id, model }) => [id, model]));
  const items = models.flatMap((/** @type {Model} */ model) => {
    const known = local?.find(({ name }) => name === model.id);
    if (model.type === 'embeddings' || (known && !isForChat(known.capabilities))) return [];
    return [{
      id: model.id,
      name: model.id === store.state.assistant ? t('options.model.active') : choiceName(model, model.id),
      group: t(known ? 'picker.local' : 'picker.assistant'),
      detail: known ? [purpose(known.capabilities), known.quantization, bytes(known.bytes)].filter(Boolean).join(' · ') : undefined,
      isLoaded: running.has(model.id),
      problem: known && !known.usable ? known.problem : null,
    }];
  });
  return items.sort((a, b) => Number(a.problem !== null) - Number(b.problem !== null));
}
