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
 * @param {import('../api.js').Erased} erased
 */
export async function tellErased(title, { versions, cancelled_run, retrains }) {
  await refreshLearning();
  if (versions.length === 0 && cancelled_run === null) return;
  if (retrains) return tell(t('erased.title', { title }), t('erased.retrains', { count: versions.length, versions: list(versions.map(String)) }));
  const text = versions.length === 0 ? t('erased.cancelled') : t('erased.versions', { count: versions.length, versions: list(versions.map(String)) });
  if (!may('train')) return tell(t('erased.title', { title }), text);
  if (!await confirm({ title: t('erased.title', { title }), text, action: t('erased.retrain'), refusal: t('erased.later'), isHarmless: true })) return;
  try {
    await api.startTraining();
    await refreshLearning();
    location.hash = '#/learning';
  } catch (error) {
    await tell(t('erased.refused'), explain(/** @type {Error} */ (error)));
  }
}
