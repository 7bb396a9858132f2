// @ts-check
// What of a text is said, in pieces, and in which language.

const LONGEST = 220; // characters: browsers break off what takes longer than some fifteen seconds

/** Small words that only one of the languages has. */
const SMALL = {
  en: new Set('the and is are of to that this with you it not what when your have for was'.split(' ')),
  es: new Set('el los las que es una por con para del está son pero como más muy también su al se'.split(' ')),
};

/**
 * Sentences, or parts of long ones; what nobody wants to hear, such as code, is left out before.
 * @param {string} text
 * @returns {string[]}
 */
export function sentences(text) {
  return (text.match(/[^.!?…\n]+[.!?…]*["”»)]*|\S+/g) ?? []).map((part) => part.trim()).filter((part) => /[\p{L}\p{N}]/u.test(part)).flatMap(parts);
}

/** @param {string} sentence @returns {string[]} */
function parts(sentence) {
  if (sentence.length <= LONGEST) return [sentence];
  const at = Math.max(sentence.lastIndexOf(',', LONGEST), sentence.lastIndexOf(';', LONGEST)) + 1 || sentence.lastIndexOf(' ', LONGEST) || LONGEST;
  const cut = at > 0 ? at : LONGEST;
  return [sentence.slice(0, cut).trim(), ...parts(sentence.slice(cut).trim())].filter(Boolean);
}

/**
 * By its small words.
 * @param {string} text
 * @param {string} otherwise where they do not tell
 */
export function languageOf(text, otherwise) {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const en = words.filter((word) => SMALL.en.has(word)).length;
  const es = words.filter((word) => SMALL.es.has(word)).length;
  return en === es ? otherwise : en > es ? 'en' : 'es';
}
