// @ts-check
// Draws formulas: TeX becomes MathML, which browsers know. Its library is loaded with the first formula.

import DOMPurify from '/lib/purify.es.mjs';

/** @typedef {typeof import('/lib/temml.mjs').default} Temml */

const LIBRARY = '/lib/temml.mjs';

/** A formula comes from a reply: no links, no pictures, no styles of its own, nothing that is larger than a few letters or takes for ever. */
const LIMITS = { trust: false, throwOnError: true, maxSize: /** @type {[number, number]} */ ([10, 10]), maxExpand: 200 };

const SANITISER = {
  ALLOWED_TAGS: ['span', 'math', 'menclose', 'merror', 'mfrac', 'mi', 'mmultiscripts', 'mn', 'mo', 'mover', 'mpadded', 'mphantom', 'mprescripts', 'mroot', 'mrow', 'ms', 'mspace',
    'msqrt', 'mstyle', 'msub', 'msubsup', 'msup', 'mtable', 'mtd', 'mtext', 'mtr', 'munder', 'munderover', 'none', 'semantics'],
  ALLOWED_ATTR: ['class', 'display', 'displaystyle', 'scriptlevel', 'mathvariant', 'mathsize', 'stretchy', 'fence', 'form', 'separator', 'lspace', 'rspace', 'movablelimits', 'largeop', 'symmetric',
    'minsize', 'maxsize', 'linethickness', 'accent', 'accentunder', 'columnalign', 'columnspacing', 'columnlines', 'rowlines', 'rowspacing', 'columnspan', 'width', 'height', 'depth', 'voffset', 'notation', 'style'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  IN_PLACE: true,
};

/** What TeX needs of styles: the spaces of tables, colours, lines. The library sets them one by one, which the content security policy allows. */
const ALLOWED_STYLE = /^(?:color|background-color|padding|border|text-align|vertical-align)/;

/** @type {Temml | null} */
let library = null;
/** @type {Promise<void> | undefined} */
let loading;

/** Draws the formula in place of its TeX; one that is wrong stays as it is. @param {HTMLElement} code */
export function drawMath(code) {
  if (library) return draw(library, code);
  loading ??= import(LIBRARY).then((module) => { library = module.default; });
  void loading.then(() => drawMath(code), () => {}); // without the library TeX can be read, too
}

/** @param {Temml} temml @param {HTMLElement} code */
function draw(temml, code) {
  const isBlock = code.classList.contains('block');
  const formula = document.createElement('span');
  try {
    temml.render(code.textContent ?? '', formula, { ...LIMITS, displayMode: isBlock, wrap: isBlock ? 'none' : 'tex' });
  } catch {
    return;
  }
  DOMPurify.sanitize(formula, SANITISER);
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (formula.querySelectorAll('[style]'))) {
    for (const property of [...element.style]) if (!ALLOWED_STYLE.test(property)) element.style.removeProperty(property);
  }
  formula.dir = 'ltr';
  formula.className = isBlock ? 'formula block' : 'formula';
  if (isBlock) formula.tabIndex = 0; // it scrolls sideways, so the keyboard must reach it
  code.replaceWith(formula);
}
