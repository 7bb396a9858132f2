// @ts-check
// Formulas in markdown: $…$ and \(…\) in a line, $$…$$ and \[…\] as a block. Pure; what they say is drawn later.

/** A price is no formula: no space inside of the dollars, no digit behind them, no code between. Bounded, so that no text takes longer than another. */
const INLINE = /^(?:\$(?![\s$])((?:\\[^\n]|[^\\$`\n]){1,1000}?)(?<!\s)\$(?![\d$])|\\\(([^\n]{1,2000}?)\\\))/;
const BLOCK = /^ {0,3}(?:\$\$([^$]{1,5000}?)\$\$|\\\[([^]{1,5000}?)\\\])[ \t]*(?:\n|$)/;

/** @typedef {{ type: string, raw: string, tex: string }} MathToken */

/**
 * Extensions of marked.
 * @param {(text: string) => string} escape
 * @returns {any[]}
 */
export function mathTokens(escape) {
  return [
    extension('block', BLOCK, /(?:^|\n) {0,3}(?:\$\$|\\\[)/, (tex) => `<p><code class="math block">${escape(tex)}</code></p>\n`),
    extension('inline', INLINE, /\$|\\\(/, (tex) => `<code class="math">${escape(tex)}</code>`),
  ];
}

/**
 * @param {'block' | 'inline'} level
 * @param {RegExp} pattern
 * @param {RegExp} begin
 * @param {(tex: string) => string} render
 */
function extension(level, pattern, begin, render) {
  return {
    name: `math-${level}`,
    level,
    start: (/** @type {string} */ text) => { const at = text.search(begin); return at < 0 ? undefined : at; },
    tokenizer: (/** @type {string} */ text) => {
      const found = pattern.exec(text);
      const tex = (found?.[1] ?? found?.[2] ?? '').trim();
      return found && tex !== '' ? { type: `math-${level}`, raw: found[0], tex } : undefined;
    },
    renderer: (/** @type {MathToken} */ { tex }) => render(tex),
  };
}
