import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillIn } from '../../../../wwwroot/i18n/sentence.js';

const say = (sentence, values) => fillIn(sentence, (name) => values[name] ?? '');

test('values stand where the sentence names them', () => {
  assert.equal(say('Failed: {message}', { message: 'no room' }), 'Failed: no room');
  assert.equal(say('It waits. ({message})', { message: 'busy' }), 'It waits. (busy)');
  assert.equal(say('“{title}” is deleted', { title: 'A (1)' }), '“A (1)” is deleted');
});

test('no sentence ends in nothing', () => {
  assert.equal(say('Failed: {message}', {}), 'Failed.');
  assert.equal(say('It waits. ({message})', {}), 'It waits.');
  assert.equal(say('The model {model} could not be started.', {}), 'The model could not be started.');
  assert.equal(say('Went wrong: {message} Reload it.', {}), 'Went wrong. Reload it.');
});
