import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digest, parseMetrics } from '../../../../wwwroot/server/metrics.js';

test("Prometheus' text becomes figures", () => {
  assert.deepEqual(parseMetrics('# HELP a b\n# TYPE a gauge\na 3\nllamacpp:b_total 1.5e3\nc_bucket{le="1"} 4\nd NaN\n'), { a: 3, 'llamacpp:b_total': 1500 });
});

test('a speed is that of the last seconds, or of all the time when nothing was written in them', () => {
  const at = (tokens, seconds) => ({ 'llamacpp:tokens_predicted_total': tokens, 'llamacpp:tokens_predicted_seconds_total': seconds });
  assert.equal(digest(at(100, 10), at(160, 12)).writing, 30);
  assert.equal(digest(at(160, 12), at(160, 12)).writing, 160 / 12);
  assert.equal(digest({}, {}).writing, null);
});
