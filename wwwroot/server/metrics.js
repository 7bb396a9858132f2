// @ts-check
// The server's figures, as Prometheus reads them. Pure.

/** @typedef {Record<string, number>} Metrics by name; those with labels are left out */

/** @param {string} text @returns {Metrics} */
export function parseMetrics(text) {
  return Object.fromEntries(text.split('\n').flatMap((line) => {
    const found = /^([a-z_:][\w:]*) (\S+)$/i.exec(line);
    return found && Number.isFinite(Number(found[2])) ? [[found[1], Number(found[2])]] : [];
  }));
}

/**
 * What a person wants to know of two readings. Speeds are those of the time between them where anything was written then, else of all the time; null: nothing is known.
 * @param {Metrics} before
 * @param {Metrics} now
 */
export function digest(before, now) {
  const rate = (/** @type {string} */ count, /** @type {string} */ seconds) => {
    const recent = (now[seconds] ?? 0) - (before[seconds] ?? 0);
    const [amount, time] = recent > 0 ? [now[count] - (before[count] ?? 0), recent] : [now[count] ?? 0, now[seconds] ?? 0];
    return time > 0 ? amount / time : null;
  };
  return {
    writing: rate('llamacpp:tokens_predicted_total', 'llamacpp:tokens_predicted_seconds_total'),
    reading: rate('llamacpp:prompt_tokens_total', 'llamacpp:prompt_seconds_total'),
    firstToken: now['finetunechat:time_to_first_token_seconds_count'] > 0 ? now['finetunechat:time_to_first_token_seconds_sum'] / now['finetunechat:time_to_first_token_seconds_count'] : null,
    running: now['llamacpp:requests_processing'] ?? null,
    waiting: now['llamacpp:requests_deferred'] ?? null,
    cache: now['llamacpp:kv_cache_usage_ratio'] ?? null,
    engineMemory: now['finetunechat:engine_memory_bytes'] || null,
    gatewayMemory: now['finetunechat:gateway_memory_bytes'] || null,
  };
}
