import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { checkImports } from "../../appliance/lint/imports.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { clean, planted, type Tree } from "./planted-imports.ts";

describe("lint: import rules", () => {
  let root: string;
  beforeEach(async () => {
    root = await temporaryDirectory("imports");
  });
  afterEach(() => removeDirectory(root));

  const check = async (tree: Tree) => {
    for (const [path, text] of Object.entries(tree)) {
      await mkdir(dirname(join(root, "src", path)), { recursive: true });
      await writeFile(join(root, "src", path), text);
    }
    return checkImports(root);
  };

  it("a tree that keeps the rules passes", async () => {
    const { files, violations } = await check(clean);
    assert.deepEqual(violations, []);
    assert.equal(files, Object.keys(clean).length);
  });

  for (const { name, rule, file, line, plant } of planted) {
    it(`finds ${name}`, async () => {
      const { violations } = await check({ ...clean, ...plant });
      const hit = violations.find((each) => each.rule === rule && each.file === file);
      assert.ok(hit, `expected ${rule} in ${file}, found ${JSON.stringify(violations)}`);
      if (line) assert.equal(hit.line, line);
      assert.deepEqual([...new Set(violations.map((each) => each.rule))], [rule], "and nothing else");
    });
  }

  it("the appliance's own source keeps the rules", async () => {
    const { files, violations } = await checkImports(join(import.meta.dirname, "../.."));
    assert.ok(files > 50, `only ${files} files were read`);
    assert.deepEqual(violations, []);
  });
});
