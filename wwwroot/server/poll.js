// @ts-check

/**
 * Does something again and again, one after the other, as long as the page is looked at.
 * @param {() => Promise<unknown>} work
 * @param {number} pauseMs
 * @param {AbortSignal} signal ends it
 */
export async function poll(work, pauseMs, signal) {
  while (!signal.aborted) {
    if (document.visibilityState === 'visible') await work();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
