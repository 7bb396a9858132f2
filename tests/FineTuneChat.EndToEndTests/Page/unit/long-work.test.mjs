import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endedOf, progressOf, workOf } from '../../../../wwwroot/notices/long-work.js';

const download = (status, bytes = 50) => ({ name: 'a/b', status, bytes, total: 100 });
const run = (status, finished_at = null) => ({ id: 'r', status, finished_at, progress: status === 'training' ? { step: 1, steps: 4 } : null });

test('How far it is, is the mean of what runs and knows its share', () => {
  assert.equal(progressOf(workOf({ downloads: [], training: null })), null);
  assert.deepEqual(progressOf(workOf({ downloads: [download('downloading')], training: null })), { share: 0.5 });
  assert.deepEqual(progressOf(workOf({ downloads: [download('downloading')], training: { run: run('training'), runs: [] } })), { share: 0.375 });
  assert.deepEqual(progressOf(workOf({ downloads: [download('paused')], training: { run: run('preparing'), runs: [] } })), { share: null });
});

test('What ended is news once, and what somebody has stopped is none', () => {
  const before = workOf({ downloads: [download('downloading')], training: { run: run('training'), runs: [] } });
  const after = workOf({ downloads: [download('done')], training: { run: null, runs: [run('succeeded', 1)] } });
  assert.deepEqual(endedOf(before, after).map(({ kind, outcome }) => [kind, outcome]), [['download', 'done'], ['training', 'succeeded']]);
  assert.deepEqual(endedOf(after, after), []);
  assert.deepEqual(endedOf(before, workOf({ downloads: [download('paused')], training: { run: null, runs: [run('cancelled', 1)] } })), []);
  assert.deepEqual(endedOf([], after), []); // ended before this page was open
});
