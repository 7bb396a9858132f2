// Renders templates with @huggingface/jinja. Reads [{template, variables}, …] as JSON from stdin,
// writes [{text} or {error}, …] to stdout.
import { readFileSync } from "node:fs";
import { Template } from "@huggingface/jinja";

const cases = JSON.parse(readFileSync(0, "utf8"));
const results = cases.map(({ template, variables }) => {
  try {
    return { text: new Template(template).render(variables) };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
});
process.stdout.write(JSON.stringify(results));
