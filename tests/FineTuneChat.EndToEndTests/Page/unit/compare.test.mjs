import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Comparison } from '../../../../wwwroot/compare/comparison.js';
import { tally } from '../../../../wwwroot/compare/tally.js';

test('either model may stand first', () => {
  assert.deepEqual(new Comparison(['one', 'other'], 'Q', false).models, ['one', 'other']);
  assert.deepEqual(new Comparison(['one', 'other'], 'Q', true).models, ['other', 'one']);
  const orders = new Set(Array.from({ length: 64 }, () => new Comparison(['one', 'other'], 'Q').models[0]));
  assert.deepEqual([...orders].sort(), ['one', 'other']);
});

test('preferences between the two are counted', () => {
  const pair = (chosen_model, rejected_model) => ({ chosen_model, rejected_model });
  assert.deepEqual(tally([pair('a', 'b'), pair('b', 'a'), pair('a', 'b'), pair('a', 'c'), pair('a', 'a')], 'a', 'b'), { wins: 2, losses: 1 });
});
