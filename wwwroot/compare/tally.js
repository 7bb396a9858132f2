// @ts-check

/**
 * How often one model's replies were preferred to another's. Pure.
 * @param {import('../api.js').Preference[]} preferences
 * @param {string} one
 * @param {string} other
 */
export function tally(preferences, one, other) {
  const count = (/** @type {string} */ chosen, /** @type {string} */ rejected) => preferences.filter((pair) => pair.chosen_model === chosen && pair.rejected_model === rejected).length;
  return { wins: count(one, other), losses: count(other, one) };
}
