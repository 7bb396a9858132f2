import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillIn, variablesOf } from '../../../../wwwroot/prompts/variables.js';

const day = new Date(2026, 2, 4, 15, 30);

test('each variable is asked for once, with its default', () => {
  assert.deepEqual(variablesOf('{{ topic }} in {{language:English}}, {{topic}}, {{Größe_2}} on {{date}}'),
    [{ name: 'topic', value: '' }, { name: 'language', value: 'English' }, { name: 'Größe_2', value: '' }]);
  assert.deepEqual(variablesOf('{{a}} {{a:one}} {{date:tomorrow}}'), [{ name: 'a', value: 'one' }, { name: 'date', value: 'tomorrow' }]);
});

test('what is no variable stays: other braces, and what stands in a value', () => {
  assert.deepEqual(variablesOf('{a} {{}} {{ }} {{a.b}} {{#if x}} {{{'), []);
  assert.equal(fillIn('{{a}} {{b}} {c}', { a: '$& {{b}}', b: '2' }, day, 'en'), '$& {{b}} 2 {c}');
});

test('the date and the time are filled in, in the language of the page', () => {
  assert.equal(fillIn('{{date}}', {}, day, 'en'), 'March 4, 2026');
  assert.equal(fillIn('{{date}}, {{time}}', {}, day, 'es'), '4 de marzo de 2026, 15:30');
});
