// @ts-check
// The last runs with the gate's verdict.

import { api } from '../api.js';
import { fill, h } from '../dom.js';
import { dateAndTime } from '../format.js';
import { t } from '../i18n/i18n.js';
import { Curve } from './curve.js';
import { reasonList } from './reasons.js';
import { taughtList } from './taught.js';
import { explanation, figureRows, isRunning, memoryInWords, taughtInBrief, verdict } from './words.js';

/** @typedef {import('../api.js').Run} Run */

export class Runs {
  #list = h('div');
  element = h('section', { 'aria-labelledby': 'runs-title' }, h('h2', { id: 'runs-title' }, t('runs.title')), this.#list);
  #shown = '';
  #life = new AbortController();

  /** @param {AbortSignal} signal */
  constructor(signal) {
    signal.addEventListener('abort', () => this.#life.abort());
  }

  /** Progress events come often; the list is drawn again only when it has changed, so that what is open stays open. @param {Run[]} runs newest first */
  update(runs) {
    const finished = runs.filter((run) => !isRunning(run));
    const key = JSON.stringify(finished);
    if (key === this.#shown) return;
    this.#shown = key;

    this.#life.abort();
    this.#life = new AbortController();
    fill(this.#list, finished.length === 0
      ? h('p', { class: 'quiet' }, t('runs.none'))
      : h('ul', { class: 'runs' }, finished.map((run, i) => h('li', {}, runDetails(run, i === 0, this.#life.signal)))));
  }
}

/**
 * @param {Run} run
 * @param {boolean} open
 * @param {AbortSignal} signal
 */
function runDetails(run, open, signal) {
  const rows = figureRows(run.gate?.figures);
  const curve = h('div');
  return h('details', { class: `run ${run.status}`, open, 'data-run': run.id, ontoggle: () => void showCurve(run, curve, signal) },
    h('summary', {}, h('span', { class: 'mark', 'aria-hidden': 'true' }), h('span', { class: 'verdict' }, verdict(run)), h('time', {}, dateAndTime(run.finished_at ?? run.created_at))),
    h('div', { class: 'run-body' },
      run.examples > 0 && h('p', { class: 'quiet' }, run.held_out > 0 ? t('runs.examples', { count: run.examples, heldOut: run.held_out }) : t('runs.allExamples', { count: run.examples })),
      gateWords(run),
      rows.length > 0 && h('details', { class: 'criteria' }, h('summary', {}, t('taught.criteria')), criteria(run), figureTable(rows)),
      curve));
}

/** What the reasons come to, what was learned, and why it was refused. @param {Run} run */
function gateWords(run) {
  const reasons = run.gate?.reasons ?? [];
  return reasons.length === 0 ? [] : [
    h('p', {}, explanation(run)),
    memoryInWords(run.gate) && h('p', { class: 'quiet' }, memoryInWords(run.gate)),
    run.version ? taughtList(run.version, taughtInBrief(run.gate) ?? t('taught.show')) : null,
    ...(run.gate?.accepted ? [] : [h('h3', {}, t('runs.whyRefused')), reasonList(run.gate)])];
}

/** The reasons of an accepted run are of interest to few. @param {Run} run */
function criteria(run) {
  return run.gate?.accepted ? [h('h3', {}, t('runs.whyAccepted')), reasonList(run.gate)] : [];
}

/**
 * Reads the curve when the run is first opened.
 * @param {Run} run
 * @param {HTMLElement} place
 * @param {AbortSignal} signal
 */
async function showCurve(run, place, signal) {
  if (place.hasChildNodes() || signal.aborted) return;
  const points = run.curve ?? (await api.readRun(run.id).catch(() => null))?.curve ?? []; // the verdict stands without it
  if (!place.hasChildNodes() && !signal.aborted && points.length > 1) place.append(new Curve(points, signal).element);
}

/** @param {import('./words.js').FigureRow[]} rows */
function figureTable(rows) {
  const compares = rows.some((row) => row.before !== null);
  return h('div', { class: 'table', tabindex: 0 },
    h('table', { class: 'figure-table' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('figures.name')), compares && h('th', { scope: 'col' }, t('figures.before')), h('th', { scope: 'col' }, t('figures.after')))),
      h('tbody', {}, rows.map((row) => h('tr', {}, h('th', { scope: 'row' }, row.label), compares && h('td', {}, row.before ?? ''), h('td', {}, row.after))))));
}
