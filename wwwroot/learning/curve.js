// @ts-check
// The loss over the steps of a run, drawn by uPlot.

import uPlot from '/lib/uPlot.esm.js';
import { h } from '../dom.js';
import { number } from '../format.js';
import { t } from '../i18n/i18n.js';

/** @typedef {import('../api.js').CurvePoint} CurvePoint */

const HEIGHT = 220;
const WHOLE_STEPS = [1, 10, 100, 1000, 10_000, 100_000].flatMap((unit) => [unit, 2 * unit, 5 * unit]);

export class Curve {
  #frame = h('div', { class: 'plot', role: 'img' });
  element = h('figure', { class: 'curve' }, this.#frame);
  /** @type {Map<number, CurvePoint>} */
  #points = new Map();
  /** @type {uPlot | null} */
  #plot = null;
  #hasValidation = false;
  #steps = 1;

  /**
   * @param {CurvePoint[]} points
   * @param {AbortSignal} signal ends the drawing
   */
  constructor(points, signal) {
    const resizes = new ResizeObserver(() => this.#fit());
    resizes.observe(this.#frame);
    const repaint = () => { this.#remove(); this.#draw(); };
    document.addEventListener('themechange', repaint, { signal });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint, { signal });
    signal.addEventListener('abort', () => { resizes.disconnect(); this.#remove(); });
    this.add(points);
  }

  /**
   * Adds points, or replaces those of the same step.
   * @param {CurvePoint[]} points
   * @param {number} [steps] of the whole run, where it is not over
   */
  add(points, steps = 0) {
    this.#steps = Math.max(this.#steps, steps, ...points.map((point) => point.step));
    for (const { step, loss, val_loss } of points) {
      const known = this.#points.get(step);
      this.#points.set(step, { step, loss: loss ?? known?.loss ?? null, val_loss: val_loss ?? known?.val_loss ?? null });
    }
    this.#draw();
  }

  #draw() {
    const data = this.#data();
    const hasValidation = data[2].some((loss) => loss !== null);
    if (hasValidation !== this.#hasValidation) this.#remove(); // its legend says what there is
    this.#hasValidation = hasValidation;
    this.element.hidden = data[0].length < 2;
    if (this.element.hidden) return;
    this.#frame.ariaLabel = this.#summary(data[1]);
    if (this.#plot) this.#plot.setData(data);
    else if (this.#frame.clientWidth > 0) this.#plot = new uPlot(this.#options(), data, this.#frame);
  }

  /** @returns {[number[], (number | null)[], (number | null)[]]} steps, losses, validation losses */
  #data() {
    const points = [...this.#points.values()].sort((a, b) => a.step - b.step);
    return [points.map((p) => p.step), points.map((p) => p.loss ?? null), points.map((p) => p.val_loss ?? null)];
  }

  /** @param {(number | null)[]} losses */
  #summary(losses) {
    const known = losses.filter((loss) => loss !== null);
    return t('curve.summary', { first: number(known[0] ?? 0, 2), last: number(known.at(-1) ?? 0, 2), steps: this.#points.size });
  }

  #fit() {
    if (this.#plot) this.#plot.setSize({ width: this.#frame.clientWidth, height: HEIGHT });
    else this.#draw(); // it had no width before
  }

  #remove() {
    this.#plot?.destroy();
    this.#plot = null;
  }

  /** @returns {uPlot.Options} */
  #options() {
    const font = `12px ${getComputedStyle(this.#frame).fontFamily}`;
    const axis = { stroke: this.#color('--text-soft'), font, grid: { stroke: this.#color('--line'), width: 1 }, ticks: { show: false } };
    return {
      width: this.#frame.clientWidth,
      height: HEIGHT,
      scales: { x: { time: false, range: () => [1, this.#steps] }, y: { range: (_, __, highest) => [0, Math.max(highest * 1.05, 0.1)] } },
      axes: [{ ...axis, incrs: WHOLE_STEPS }, { ...axis, size: 52 }],
      series: [
        { label: t('curve.step') },
        { label: t('curve.loss'), stroke: this.#color('--accent'), width: 2, points: { show: false }, spanGaps: true },
        { label: t('curve.validation'), stroke: this.#color('--warn'), width: 2, dash: [6, 4], show: this.#hasValidation, points: { size: 6 }, spanGaps: true },
      ],
      legend: { live: false },
      cursor: { show: false },
      padding: [8, 12, 0, 0],
    };
  }

  /** A canvas knows no custom properties: the theme's colour as the browser computes it. @param {string} name */
  #color(name) {
    this.#frame.style.color = `var(${name})`;
    const { color } = getComputedStyle(this.#frame);
    this.#frame.style.color = '';
    return color;
  }
}
