import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Marked } from 'marked';
import { mathTokens } from '../../../../wwwroot/math/tokens.js';

const marked = new Marked({ extensions: mathTokens((text) => text.replaceAll('<', '&lt;')) });
const inline = (text) => marked.parseInline(text);

test('formulas in a line and as a block', () => {
  assert.equal(inline('so $x^2$ is'), 'so <code class="math">x^2</code> is');
  assert.equal(inline('so \\(a_1 * b_2 * c\\) is'), 'so <code class="math">a_1 * b_2 * c</code> is');
  assert.equal(marked.parse('Then\n\n$$\na < b\n$$\n\nand'), '<p>Then</p>\n<p><code class="math block">a &lt; b</code></p>\n<p>and</p>\n');
  assert.equal(marked.parse('Then\n\\[x\\]\nand'), '<p>Then</p>\n<p><code class="math block">x</code></p>\n<p>and</p>\n');
});

test('prices and code are none', () => {
  for (const text of ['$5 and $10', 'from $5-$10', 'US$ 3', '$', '$$', 'a $ b $ c', '\\$x\\$']) assert.ok(!inline(text).includes('math'), text);
  assert.equal(inline('`$x$`'), '<code>$x$</code>');
  assert.equal(inline('$a and `$x$`'), '$a and <code>$x$</code>');
});

test('no text takes for ever', () => {
  const before = performance.now();
  for (const piece of ['$a ', '\\(', '$$', '\\[', '$\\']) marked.parse(piece.repeat(5_000));
  assert.ok(performance.now() - before < 20_000);
});
