// @ts-check
// After a conversation or an import was deleted: which versions have learned from it, and the way to have one that has not.

import { may } from '../access.js';
import { api } from '../api.js';
import { explain } from '../errors.js';
import { list } from '../format.js';
import { t } from '../i18n/i18n.js';
import { refreshLearning } from '../live.js';
import { confirm, tell } from './dialog.js';

/**
 * @param {string} title of what was deleted
 * @param {import('../api.js').Forgotten} forgotten
 */
export async function tellForgotten(title, { versions, cancelled_run }) {
  await refreshLearning();
  if (versions.length === 0 && cancelled_run === null) return;
  const text = versions.length === 0 ? t('forgotten.cancelled') : t('forgotten.versions', { count: versions.length, versions: list(versions.map(String)) });
  if (!may('train')) return tell(t('forgotten.title', { title }), text);
  if (!await confirm({ title: t('forgotten.title', { title }), text, action: t('forgotten.retrain'), refusal: t('forgotten.later'), isHarmless: true })) return;
  try {
    await api.startTraining();
    await refreshLearning();
    location.hash = '#/learning';
  } catch (error) {
    await tell(t('forgotten.refused'), explain(/** @type {Error} */ (error)));
  }
}
