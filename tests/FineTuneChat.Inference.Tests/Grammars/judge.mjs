// Validates texts with ajv. Reads [{schema, text}, …] as JSON from stdin, writes [null or an error, …] to stdout.
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";

const ajv = new Ajv({ strict: false, allErrors: false });
formats(ajv);
const validators = new Map();
const verdicts = JSON.parse(readFileSync(0, "utf8")).map(({ schema, text }) => {
  try {
    if (!validators.has(schema)) validators.set(schema, ajv.compile(JSON.parse(schema)));
    const validate = validators.get(schema);
    return validate(JSON.parse(text)) ? null : ajv.errorsText(validate.errors);
  } catch (error) {
    return String(error.message ?? error);
  }
});
process.stdout.write(JSON.stringify(verdicts));
