import { join } from "node:path";
import { checkFile, findCycles, type Violation } from "./import-rules.ts";
import { readSourceFiles } from "./source-files.ts";

/** Holds the import rules of docs/architecture.md over `root`/src. */
export async function checkImports(root: string): Promise<{ files: number; violations: Violation[] }> {
  const files = await readSourceFiles(root);
  const paths = new Set(files.map((file) => file.path));
  const violations = [...files.flatMap((file) => checkFile(file, paths)), ...findCycles(files)];
  return { files: files.length, violations };
}

if (import.meta.main) {
  const { files, violations } = await checkImports(join(import.meta.dirname, "../.."));
  for (const { file, line, rule, message } of violations) console.error(`src/${file}:${line} [${rule}] ${message}`);
  console.log(`${files} files, ${violations.length} broken import rules`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
