import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { build } from "vite";

// Builds the console into dist/console, compressed copies beside what compresses. Fails when the first load grows too large, or when a
// page has no chunk of its own and so loads with every other.

const root = join(import.meta.dirname, "..");
const compress = promisify(brotliCompress);

await build({ configFile: join(root, "vite.config.ts"), logLevel: "warn" });
const folder = join(root, "dist/console/assets");
const index = await readFile(join(root, "dist/console/index.html"), "utf8");
let first = 0;
for (const name of (await readdir(folder)).filter((each) => /\.(?:js|css|svg)$/.test(each))) {
  const plain = await readFile(join(folder, name));
  const packed = await compress(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } });
  await writeFile(join(folder, `${name}.br`), packed);
  if (index.includes(name)) first += packed.length;
}
const MOST = 400_000;
const names = await readdir(folder);
const table = await readFile(join(root, "src/console/app/pages.tsx"), "utf8");
const pages = [...table.matchAll(/import\("[^"]+\/([^/"]+)\.tsx"\)/g)].map(([, page]) => page!);
const without = pages.filter((page) => !names.some((name) => name.startsWith(`${page}-`)));
process.stdout.write(`dist/console: the first page loads ${Math.round(first / 1000)} kB of script and style\n`);
if (first > MOST)
  throw new Error(`found a first load of ${first} bytes, expected at most ${MOST}: load what few pages need with them`);
if (without.length > 0)
  throw new Error(`no chunk of its own: ${without.join(", ")}; expected lazy pages in src/console/app/pages.tsx`);
