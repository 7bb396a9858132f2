// @ts-check
// Numbers, sizes and times in the reader's language. Pure but for the language.

import { language, t } from './i18n/i18n.js';

/** @param {number} value @param {number} [digits] digits after the point */
export function number(value, digits = 0) {
  return value.toLocaleString(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** @param {number} share 0 to 1 */
export function percent(share) {
  return share.toLocaleString(language(), { style: 'percent', maximumFractionDigits: 1 });
}

/** @param {number} bytes */
export function bytes(bytes) {
  if (bytes < 1e5) return `${number(Math.ceil(bytes / 1e3))} kB`;
  const megabytes = bytes / 1e6;
  return megabytes < 1000 ? `${number(megabytes, megabytes < 10 ? 1 : 0)} MB` : `${number(megabytes / 1000, 1)} GB`;
}

/** `1, 2 and 3`. @param {string[]} items */
export function list(items) {
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(items);
}

/** @param {number} seconds */
export function duration(seconds) {
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 60) return t('time.seconds', { count: rounded });
  if (rounded < 3600) return t('time.minutes', { minutes: Math.floor(rounded / 60), seconds: rounded % 60 });
  return t('time.hours', { hours: Math.floor(rounded / 3600), minutes: Math.floor((rounded % 3600) / 60) });
}

/** The API's times: Unix seconds (OpenAI's habit) or ISO 8601. @param {number | string} value */
export function date(value) {
  return new Date(typeof value === 'number' ? value * 1000 : value);
}

/** @param {number | string} value */
export function dateAndTime(value) {
  return date(value).toLocaleString(language(), { dateStyle: 'medium', timeStyle: 'short' });
}

/** @param {number | string} value */
export function timeOfDay(value) {
  return date(value).toLocaleTimeString(language(), { timeStyle: 'short' });
}

/**
 * Whole days from `value` to `now` by the reader's calendar: 0 today, 1 yesterday.
 * @param {number | string} value
 * @param {Date} now
 */
export function daysAgo(value, now) {
  const day = (/** @type {Date} */ at) => Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()) / 86_400_000;
  return day(now) - day(date(value));
}
