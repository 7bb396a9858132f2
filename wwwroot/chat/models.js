// @ts-check
// The models that a person can choose from. One that the gate refused says so, and comes after all others.

import { api } from '../api.js';
import { assistantOf } from '../assistants/current.js';
import { t } from '../i18n/i18n.js';
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
