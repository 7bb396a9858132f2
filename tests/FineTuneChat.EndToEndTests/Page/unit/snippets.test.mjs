import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snippets } from '../../../../wwwroot/server/snippets.js';

test('every example names the server, and a key where one is needed', () => {
  for (const isKeyNeeded of [false, true]) {
    for (const { name, code } of snippets('http://host:1/v1', isKeyNeeded)) {
      assert.ok(code.includes('http://host:1/'), name);
      assert.equal(code.includes('YOUR-KEY'), isKeyNeeded, name);
      assert.ok(!code.includes('undefined'), name);
    }
  }
});
