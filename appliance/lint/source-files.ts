import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize, relative, sep } from "node:path";

export type Import = {
  line: number;
  /** As written. */
  specifier: string;
  /** The path below src/, for relative imports. */
  target?: string;
  /** `import type` and `export type` only: with verbatimModuleSyntax nothing else disappears. */
  typeOnly: boolean;
};

export type SourceFile = {
  /** Path below src/, with forward slashes: `audit/append.ts`. */
  path: string;
  text: string;
  imports: Import[];
  /** Lines of `import(expression)` and `require(…)`, which nothing can check. */
  opaque: number[];
};

// Biome's format puts every static import at the beginning of a line, with double quotes.
const staticImport = /^(?:import|export)\s+(type\s+)?(?:[^;"'`]*?\bfrom\s+)?"([^"\n]+)"/gm;
const dynamicImport = /\bimport\(\s*(?:"([^"\n]+)"|([^)]*))\s*\)/g;
const requireCall = /\b(?:require|createRequire)\(/g;

/** Reads every TypeScript file below `root`/src with its imports. */
export async function readSourceFiles(root: string): Promise<SourceFile[]> {
  const directory = join(root, "src");
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
  return Promise.all(paths.map(async (path) => parseSource(path, await readFile(join(directory, path), "utf8"))));
}

export function parseSource(path: string, text: string): SourceFile {
  const code = withoutComments(text);
  const imports: Import[] = [];
  const opaque: number[] = [];
  for (const match of code.matchAll(staticImport)) {
    imports.push(describe(path, lineAt(code, match.index), match[2] ?? "", match[1] !== undefined));
  }
  for (const match of code.matchAll(dynamicImport)) {
    const line = lineAt(code, match.index);
    if (match[1] === undefined) opaque.push(line);
    else imports.push(describe(path, line, match[1], false));
  }
  for (const match of code.matchAll(requireCall)) opaque.push(lineAt(code, match.index));
  return { path, text: code, imports, opaque };
}

function describe(path: string, line: number, specifier: string, typeOnly: boolean): Import {
  if (!specifier.startsWith(".")) return { line, specifier, typeOnly };
  return {
    line,
    specifier,
    typeOnly,
    target: normalize(join(dirname(path), specifier))
      .split(sep)
      .join("/"),
  };
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** Blanks whole-line and block comments, keeping every line break. Comments after code cannot begin an import. */
function withoutComments(text: string): string {
  const blank = (comment: string) => comment.replace(/[^\n]/g, " ");
  return text.replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, blank).replace(/^[ \t]*\/\/.*$/gm, blank);
}
