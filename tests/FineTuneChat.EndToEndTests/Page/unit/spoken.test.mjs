import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageOf, sentences } from '../../../../wwwroot/voice/spoken.js';

test('a text is said sentence by sentence, marks alone are not', () => {
  assert.deepEqual(sentences('We open at nine. Closed on Sundays!\n\n- bread\n---\n¿Cuándo? A las 9.'),
    ['We open at nine.', 'Closed on Sundays!', '- bread', '¿Cuándo?', 'A las 9.']);
  assert.deepEqual(sentences(''), []);
});

test('nothing of a long sentence is lost, and no part is longer than browsers say', () => {
  for (const text of ['one two three four, '.repeat(60), 'a'.repeat(1000), 'word '.repeat(100)]) {
    const said = sentences(text);
    assert.ok(said.every((part) => part.length > 0 && part.length <= 220), String(said.map((part) => part.length)));
    assert.equal(said.join('').replaceAll(/\s/g, ''), text.replaceAll(/\s/g, ''));
  }
});

test('the language is told by small words, else it is the page\'s', () => {
  assert.equal(languageOf('We are not sure that this is the right one.', 'es'), 'en');
  assert.equal(languageOf('El taller está en la plaza, junto al mercado.', 'en'), 'es');
  assert.equal(languageOf('9:30', 'es'), 'es');
});
