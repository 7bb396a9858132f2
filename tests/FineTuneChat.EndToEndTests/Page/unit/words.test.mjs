import assert from 'node:assert/strict';
import { test } from 'node:test';
import { en } from '../../../../wwwroot/i18n/en.js';
import { es } from '../../../../wwwroot/i18n/es.js';

const forms = (entry) => (typeof entry === 'string' ? [entry] : [entry.one, entry.other]);
const placeholders = (entry) => [...new Set(forms(entry).join(' ').match(/\{\w+\}/g) ?? [])].sort();

test('every language has the same keys', () => assert.deepEqual(Object.keys(es).sort(), Object.keys(en).sort()));

test('every entry takes the same values in every language', () => {
  for (const key of Object.keys(en)) {
    assert.deepEqual(placeholders(es[key]), placeholders(en[key]), key);
    assert.ok([...forms(en[key]), ...forms(es[key])].every((text) => text.trim() !== ''), key);
  }
});
