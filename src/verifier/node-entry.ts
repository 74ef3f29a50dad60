import { fileURLToPath } from "node:url";
import { main } from "./node-main.ts";

// The file that becomes dist/verifier/ledgerstone-verify.mjs: a program, not a module to import.
process.exitCode = await main(process.argv.slice(2), fileURLToPath(import.meta.url));
