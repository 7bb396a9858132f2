// @ts-check
// What training states and verdicts mean, in plain words. Pure but for the language.

import { duration, number, percent, timeOfDay } from '../format.js';
import { t } from '../i18n/i18n.js';

/**
 * @typedef {import('../api.js').Run} Run
 * @typedef {import('../api.js').Training} Training
 * @typedef {import('../api.js').RunStatus} RunStatus
 * @typedef {import('../api.js').ReasonCode} ReasonCode
 */

/** @typedef {typeof FIGURES[number]} FigureName */

/** Figures that the dictionary names. */
const FIGURES = /** @type {const} */ (['taught_learned_share', 'unwanted_written', 'held_out_loss', 'held_out_token_accuracy', 'accepted_loss', 'accepted_token_accuracy', 'accepted_written_stop_rate', 'accepted_written_length',
  'accepted_written_json_rate', 'held_out_written_stop_rate', 'held_out_written_length', 'held_out_written_json_rate', 'test_loss', 'test_token_accuracy', 'test_written_right', 'test_written_json_rate', 'regression_loss', 'regression_token_accuracy',
  'regression_opening_accuracy', 'regression_reply_accuracy', 'regression_stop_rate', 'regression_written_stop_rate', 'regression_written_length']);

const SHARE = /accuracy|share|right|rate$/;

/** Why the next training has not started, by the policy's codes. */
const WAITS = /** @type {const} */ (['running', 'nothing', 'all_removed', 'nothing_new', 'removed', 'manual', 'too_few', 'tried_refused', 'tried_failed', 'tried_cancelled', 'tried_replaced',
  'pause', 'hour', 'quiet', 'chat', 'chat_until_hour']);

/** Why a training was accepted or refused, by the gate's codes: those of today, then those that only verdicts of older programs have. */
const REASONS = /** @type {const} */ (['taught_share', 'unwanted_share', 'taught_fewer_share', 'held_out_base_loss', 'held_out_written_none', 'held_out_written_end_rate', 'held_out_written_length',
  'held_out_written_json_rate', 'regression_none', 'general_loss', 'general_token_accuracy', 'general_opening_rate', 'general_reply_rate', 'general_end_rate', 'general_alike_rate', 'general_written_none',
  'general_written_end_rate', 'general_written_length',
  'held_out_loss', 'accepted_loss', 'regression_loss', 'regression_token_accuracy', 'regression_opening_accuracy', 'regression_stop_rate', 'accepted_written_none',
  'accepted_written_stop_rate', 'accepted_written_length', 'accepted_written_json_rate', 'regression_written_none', 'regression_written_stop_rate', 'regression_written_length']);

/** Values of reasons that count things. */
const COUNTS = ['learned', 'partly', 'not_learned', 'asked', 'of', 'known', 'lost'];

/** The phases of a run, in order. */
export const PHASES = /** @type {const} */ (['preparing', 'training', 'exporting', 'evaluating']);

/** @param {Run} run */
export function isRunning(run) {
  return run.status === 'queued' || PHASES.some((phase) => phase === run.status);
}

/** Why the next run has not started yet, and what would start it; null where only the server's own words say it. @param {Training} training */
export function whyNotYet({ policy, run }) {
  if (run && isRunning(run)) return t('next.running');
  const code = WAITS.find((known) => known === policy.reason_code.code);
  if (!code) return null;
  const { values } = policy.reason_code;
  return t(`next.${code}`, { ...values, until: timeOfDay(values.until ?? 0), count: values.missing ?? values.examples ?? values.removed ?? values.new ?? values.minutes ?? 0 });
}

/** Why the gate decided as it did; null where only the server's own words say it. @param {ReasonCode | undefined} reason */
export function gateReason(reason) {
  const code = REASONS.find((known) => known === reason?.code);
  if (!code) return null;
  return t(`gate.${code}`, Object.fromEntries(Object.entries(reason?.values ?? {}).map(([name, value]) => [name, COUNTS.includes(name) ? number(value) : SHARE.test(code) ? percent(value) : show(value, false)])));
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

/** What a run is doing, in a few words. @param {Run} run */
export function runState(run) {
  return run.status === 'training' ? t('state.training', { time: timeLeft(run) }) : isPhase(run.status) ? t(`state.${run.status}`) : verdict(run);
}

/** What a run is doing, and that nobody has to wait for it. @param {Run} run */
export function runAbout(run) {
  if (run.status === 'exporting' || run.status === 'evaluating') return t(`run.${run.status}`);
  return run.examples > 0 ? t('run.about', { count: run.examples }) : t('run.collecting'); // counted when the dataset is made
}

/** @param {RunStatus} status @returns {status is 'queued' | 'preparing' | 'exporting' | 'evaluating'} */
const isPhase = (status) => ['queued', 'preparing', 'exporting', 'evaluating'].includes(status);

/** The outcome of a finished run in one sentence. @param {Run} run */
export function verdict(run) {
  switch (run.status) {
    case 'succeeded': return run.version ? t('verdict.succeeded', { number: run.version }) : t('verdict.trainedOnly');
    case 'refused': return t('verdict.refused');
    case 'cancelled': return t('verdict.cancelled');
    case 'failed': return t('verdict.failed', { message: run.error ?? '' });
    default: return t(`phase.${run.status}`);
  }
}

/** What the gate's figures say, without figures. @param {Run} run */
export function explanation({ gate }) {
  if (!gate) return null;
  if (gate.accepted) return t('gate.accepted');
  const codes = (gate.reason_codes ?? []).map(({ code }) => code);
  if (gate.taught ? codes.some((code) => code.startsWith('taught')) : isNotBetter(pair(gate.figures.held_out_loss ?? gate.figures.accepted_loss))) return t('gate.notLearned');
  if (codes.length && codes.every((code) => code.includes('written'))) return t('gate.writesBadly');
  return pair(gate.figures.regression_loss) ? t('gate.lost') : null;
}

/** What older gates went by. @param {{ candidate: number, active: number } | null} loss */
function isNotBetter(loss) {
  return loss !== null && loss.candidate >= loss.active;
}

/** "12 of 12 learned"; null where nothing was asked. @param {import('../api.js').Gate | null | undefined} gate */
export function taughtInBrief(gate) {
  const taught = gate?.taught;
  if (!taught || taught.asked === 0) return null;
  return [
    t('taught.count', { learned: taught.learned, asked: taught.asked }),
    taught.partly > 0 ? t('taught.partly', { partly: taught.partly }) : null,
    taught.asked < taught.of ? t('taught.ofAll', { asked: taught.asked, of: taught.of }) : null,
  ].filter(Boolean).join(', ');
}

/** How it does in words that it was not taught, beside the corrections at hand alone; null where nothing was asked. @param {import('../api.js').Gate | null | undefined} gate */
export function memoryInWords(gate) {
  const memory = gate?.memory;
  if (!memory) return null;
  return t('memory.compared', { right: memory.right, asked: memory.asked, recalled: memory.memory.right, base: memory.base.right })
    + (memory.memory.wins > memory.memory.losses ? '' : ` ${t('memory.notBetter')}`);
}

/** @param {unknown} figure @returns {{ candidate: number, active: number } | null} */
function pair(figure) {
  const { candidate, active } = /** @type {Record<string, unknown>} */ (figure ?? {});
  return typeof candidate === 'number' && typeof active === 'number' ? { candidate, active } : null;
}

/**
 * @typedef {{ label: string, before: string | null, after: string, isBrief: boolean }} FigureRow before: of the version that served then, where there is one; isBrief: one of the few for a version's line
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
  const isShare = SHARE.test(name), isBrief = isShare && !name.includes('written');
  const label = isNamed(name) ? t(`figure.${name}`) : humanise(name);
  if (typeof value === 'object' && value !== null) {
    const { candidate, active } = /** @type {Record<string, unknown>} */ (value);
    return candidate === undefined ? null : { label, before: active === null || active === undefined ? null : show(active, isShare), after: show(candidate, isShare), isBrief };
  }
  return value === null || value === undefined ? null : { label, before: null, after: show(value, isShare), isBrief };
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
