// @ts-check

/**
 * A read whose answers are shown in the order of its calls: one that comes after the answer to a later call is dropped.
 * @template T
 * @param {() => Promise<T>} read
 * @param {(answer: T) => void} show
 * @returns {() => Promise<void>}
 */
export function latest(read, show) {
  let newest = 0;
  return async () => {
    const call = ++newest;
    const answer = await read();
    if (call === newest) show(answer);
  };
}
