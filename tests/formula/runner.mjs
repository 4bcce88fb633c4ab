// Evaluates compiled formulas for the tests: one JSON request per line in, one answer per line out.
import { createInterface } from "node:readline";

import { readFileSync } from "node:fs";

const readings = JSON.parse(readFileSync(process.argv[3], "utf8"));
const { createRuntime } = await import(process.argv[2]);

const reader = ({ values, rows, entities }) => ({
  read: (path) => values[path] ?? null,
  rows: (path) => (rows[path] ?? []).map(reader),
  entityOf: (path) => entities[path] ?? null,
});

const evaluate = (rt, text, kind, record) => {
  try {
    const found = new Function(`return ${text}`)()(record, rt);
    return { value: rt.toWire(found, kind) };
  } catch (error) {
    return { error: String(error.stack) };
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const { moment, formulas, records } = JSON.parse(line);
  const rt = createRuntime(moment, readings);
  const readers = records.map(reader);
  const answers = formulas.map(({ text, kind }) =>
    readers.map((record) => evaluate(rt, text, kind, record)),
  );
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
