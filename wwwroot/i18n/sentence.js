// @ts-check
// Fills the values of a sentence in. Pure.

/** A place for a value, with what stands around it for its sake: `{name}`, `: {name}`, ` ({name})`. */
const PLACE = /(: | \(| )?\{(\w+)\}(\))?/g;

/**
 * A value that is not there takes its brackets and its colon with it, so that no sentence ends in nothing.
 * @param {string} sentence
 * @param {(name: string) => string} valueOf
 */
export function fillIn(sentence, valueOf) {
  return sentence.replace(PLACE, (_, before = '', name, after = '') => {
    const value = valueOf(name);
    return value !== '' ? before + value + after : before === ': ' ? '.' : before === ' (' ? '' : after;
  }).trim();
}
