import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { build } from "vite";

// Builds the console into dist/console, compressed copies beside what compresses; says how large the first load is.

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
process.stdout.write(`dist/console: the first page loads ${Math.round(first / 1000)} kB of script and style\n`);
