// @ts-check
// What takes long: downloads and trainings. How far they are, and which of them have just ended. Pure.

/**
 * @typedef {import('../store.js').State} State
 * @typedef {{ key: string, kind: 'download' | 'training', name: string, isOver: boolean, outcome: string, share: number | null }} Work
 */

/** @param {Pick<State, 'downloads' | 'training'>} state @returns {Work[]} */
export function workOf({ downloads, training }) {
  const runs = [...training?.run ? [training.run] : [], ...training?.runs ?? []];
  const known = new Map(runs.map((run) => [run.id, run])); // of one that has ended, what the list says
  return [
    ...downloads.map(({ name, status, bytes, total }) => (
      { key: `download ${name}`, kind: /** @type {const} */ ('download'), name, isOver: status !== 'downloading', outcome: status, share: total > 0 ? bytes / total : null })),
    ...[...known.values()].map(({ id, status, finished_at, progress }) => (
      { key: `training ${id}`, kind: /** @type {const} */ ('training'), name: id, isOver: finished_at !== null, outcome: status, share: status === 'training' && progress ? progress.step / Math.max(1, progress.steps) : null })),
  ];
}

/** How far all that runs is; null when nothing runs. @param {Work[]} work @returns {{ share: number | null } | null} */
export function progressOf(work) {
  const running = work.filter(({ isOver }) => !isOver);
  if (running.length === 0) return null;
  const shares = running.flatMap(({ share }) => (share === null ? [] : [share]));
  return { share: shares.length > 0 ? shares.reduce((sum, share) => sum + share, 0) / shares.length : null };
}

/** What was running and is over. Paused and cancelled by somebody is no news. @param {Work[]} before @param {Work[]} now */
export function endedOf(before, now) {
  const running = new Set(before.filter(({ isOver }) => !isOver).map(({ key }) => key));
  return now.filter(({ key, isOver, outcome }) => running.has(key) && isOver && outcome !== 'paused' && outcome !== 'cancelled');
}
