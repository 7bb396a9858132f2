import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked, blank } from '../../../../wwwroot/chat/message.js';
import { Tree } from '../../../../wwwroot/chat/tree.js';

const reply = (content) => ({ ...blank('assistant'), content });
const texts = (tree) => tree.shown.map((message) => message.content);
const stored = (id, parent_id, role, content, completion_id = null) => ({ id, parent_id, role, content, completion_id, finish_reason: completion_id && 'stop' });

test('a regenerated reply stands beside the first, and each goes on in its own way', () => {
  const tree = new Tree();
  const question = tree.add(asked('Q'), null);
  const first = tree.add(reply('A1'), question);
  tree.add(asked('more'), first);
  const second = tree.add(reply('A2'), question);
  assert.deepEqual(texts(tree), ['Q', 'A2']);
  assert.deepEqual(tree.siblings(first), [first, second]);
  tree.show(first);
  assert.deepEqual(texts(tree), ['Q', 'A1', 'more']);
});

test('the place of a message that is taken back is shown by its sibling', () => {
  const tree = new Tree();
  const first = tree.add(asked('one'), null);
  tree.add(reply('1'), first);
  const edited = tree.add(asked('two'), null);
  const failed = tree.add(reply(''), edited);
  tree.remove(failed);
  tree.remove(edited);
  assert.deepEqual(texts(tree), ['one', '1']);
  tree.remove(tree.shown[1]);
  assert.deepEqual(texts(tree), ['one']);
});

test('a stored conversation shows its branch and knows the others', () => {
  const others = [stored(2, 1, 'assistant', 'A1', 'c1'), stored(4, 2, 'user', 'more'), stored(5, 4, 'assistant', 'B', 'c3')];
  const tree = Tree.of([stored(1, null, 'user', 'Q'), stored(3, 1, 'assistant', 'A2', 'c2')], others);
  assert.deepEqual(texts(tree), ['Q', 'A2']);
  tree.show(tree.siblings(tree.shown[1])[0]);
  assert.deepEqual(texts(tree), ['Q', 'A1', 'more', 'B']);
});

test('two completions with the same words are two replies', () => {
  const tree = Tree.of([stored(1, null, 'user', 'Q'), stored(2, 1, 'assistant', 'A', 'c2')], [stored(2, 1, 'assistant', 'A', 'c1')]);
  assert.equal(tree.siblings(tree.shown[1]).length, 2);
  assert.equal(tree.shown[1].completionId, 'c2');
});

test('of replies with the same words each keeps its number, and the one that is shown goes on', () => {
  const same = (completion, variant) => ({ ...stored(2, 1, 'assistant', 'A', completion), variant });
  const more = [stored(3, 2, 'user', 'more'), stored(4, 3, 'assistant', 'B', 'c4')];
  const tree = Tree.of([stored(1, null, 'user', 'Q'), same('c3', 2), ...more], [same('c1', 0), same('c2', 1)]);
  assert.deepEqual(texts(tree), ['Q', 'A', 'more', 'B']);
  assert.deepEqual(tree.siblings(tree.shown[1]).map(({ completionId }) => completionId), ['c1', 'c2', 'c3']);
  assert.equal(tree.shown[1].completionId, 'c3');
  assert.ok(tree.has('c1') && !tree.has('c5'));
});

test('another system prompt does not double what was said before', () => {
  const tree = Tree.of(
    [stored(3, null, 'system', 'Be brief.'), stored(4, 3, 'user', 'Q'), stored(5, 4, 'assistant', 'A'), stored(6, 5, 'user', 'more'), stored(7, 6, 'assistant', 'B', 'c2')],
    [stored(1, null, 'user', 'Q'), stored(2, 1, 'assistant', 'A', 'c1')]);
  assert.deepEqual(texts(tree), ['Q', 'A', 'more', 'B']);
  assert.equal(tree.shown[1].completionId, 'c1'); // so it can still be rated
  assert.equal(tree.siblings(tree.shown[0]).length, 1);
});
