// @ts-check

import { ApiError } from './api.js';
import { t } from './i18n/i18n.js';
import { store } from './store.js';

/**
 * What went wrong and what to do, in the reader's language where the error is a known one.
 * @param {Error | null} error
 */
export function explain(error) {
  if (!(error instanceof ApiError)) return t('error.unexpected', { message: error?.message ?? '' });
  if (error.code === 'context_length_exceeded') return t('error.context', { message: error.message });
  if (error.code === 'interrupted') return t('error.interrupted');
  if (error.code === 'unreachable') return t('error.unreachable');
  if (error.status === 401 || error.status === 403) return t('error.access', { message: error.message });
  if (error.status === 429) return t('error.busy');
  if (error.code === 'model_unusable' || error.code === 'no_model') return error.message; // they say what to do; trying again would not help
  if (error.status === 503) return store.state.engine.state === 'failed' ? t('error.engineFailed', { message: error.message }) : t('error.engineAway', { message: error.message });
  return error.message;
}
