// @ts-check
// What training states and verdicts mean, in plain words. Pure but for the language.

import { duration, number, percent } from '../format.js';
import { t } from '../i18n/i18n.js';

/**
 * @typedef {import('../api.js').Run} Run
 * @typedef {import('../api.js').Training} Training
 * @typedef {import('../api.js').RunStatus} RunStatus
 */

/** @typedef {typeof FIGURES[number]} FigureName */

/** Figures that the dictionary names. */
const FIGURES = /** @type {const} */ (['held_out_loss', 'held_out_token_accuracy', 'accepted_loss', 'accepted_token_accuracy', 'regression_loss', 'regression_token_accuracy', 'regression_opening_accuracy', 'regression_stop_rate']);

const SHARE = /accuracy|share|rate$/;

/** The phases of a run, in order. */
export const PHASES = /** @type {const} */ (['preparing', 'training', 'exporting', 'evaluating']);

/** @param {Run} run */
export function isRunning(run) {
  return run.status === 'queued' || PHASES.some((phase) => phase === run.status);
}

/** Why the next run has not started yet, and what would start it. @param {Training} training */
export function whyNotYet({ policy, waiting, run }) {
  if (run && isRunning(run)) return t('next.running');
  if (waiting.examples === 0) return t('next.nothing');
  if (waiting.new === 0) return waiting.removed ? t('next.removed', { count: waiting.removed }) : t('next.nothingNew', { count: waiting.examples });
  if (!policy.enabled) return t('next.manual');
  const missing = policy.min_new_examples - waiting.new;
  return missing > 0 ? t('next.missing', { count: missing, min: policy.min_new_examples }) : policy.reason || t('next.soon');
}

/** Whether a run would change anything. @param {Training} training */
export function canStart({ waiting, run }) {
  return !(run && isRunning(run)) && waiting.examples > 0 && waiting.new + (waiting.removed ?? 0) > 0;
}

/** @param {Run} run */
export function timeLeft({ status, progress }) {
  const seconds = progress?.seconds_left;
  if (status === 'training' && typeof seconds === 'number' && seconds >= 1) return t('run.timeLeft', { time: duration(seconds) });
  return t('run.timeUnknown');
}

/** The outcome of a finished run in one sentence. @param {Run} run */
export function verdict(run) {
  switch (run.status) {
    case 'succeeded': return t('verdict.succeeded', { number: run.version ?? '' });
    case 'refused': return t('verdict.refused');
    case 'cancelled': return t('verdict.cancelled');
    case 'failed': return t('verdict.failed', { message: errorText(run) });
    default: return t(`phase.${run.status}`);
  }
}

/** What the gate's figures say, without figures. @param {Run} run */
export function explanation({ gate }) {
  if (!gate) return null;
  if (gate.accepted) return t('gate.accepted');
  const learned = pair(gate.figures.held_out_loss ?? gate.figures.accepted_loss);
  if (learned && learned.candidate >= learned.active) return t('gate.notLearned');
  return pair(gate.figures.regression_loss) ? t('gate.lost') : null;
}

/** @param {unknown} figure @returns {{ candidate: number, active: number } | null} */
function pair(figure) {
  const { candidate, active } = /** @type {Record<string, unknown>} */ (figure ?? {});
  return typeof candidate === 'number' && typeof active === 'number' ? { candidate, active } : null;
}

/** @param {Run} run */
function errorText({ error }) {
  return (typeof error === 'string' ? error : error?.message) ?? '';
}

/**
 * @typedef {{ label: string, before: string | null, after: string, isShare: boolean }} FigureRow before: of the version that served then, where there is one
 */

/** Figures that a person can read; the gate's own names where none is known. @param {Record<string, unknown> | null | undefined} figures */
export function figureRows(figures) {
  return Object.entries(figures ?? {}).flatMap(([name, value]) => {
    const row = figureRow(name, value);
    return row ? [row] : [];
  });
}

/** @param {string} name @param {unknown} value @returns {FigureRow | null} */
function figureRow(name, value) {
  const isShare = SHARE.test(name);
  const label = isNamed(name) ? t(`figure.${name}`) : humanise(name);
  if (typeof value === 'object' && value !== null) {
    const { candidate, active } = /** @type {Record<string, unknown>} */ (value);
    return candidate === undefined ? null : { label, before: show(active, isShare), after: show(candidate, isShare), isShare };
  }
  return value === null || value === undefined ? null : { label, before: null, after: show(value, isShare), isShare };
}

/** @param {unknown} value @param {boolean} isShare */
function show(value, isShare) {
  if (typeof value !== 'number') return String(value ?? '–');
  if (isShare) return percent(value);
  return Number.isInteger(value) ? number(value) : number(value, 3);
}

/** @param {string} name @returns {name is FigureName} */
function isNamed(name) {
  return FIGURES.some((figure) => figure === name);
}

/** @param {string} name */
function humanise(name) {
  const text = name.replaceAll('_', ' ');
  return text[0].toUpperCase() + text.slice(1);
}
