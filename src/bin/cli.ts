import { CommanderError } from "commander";
import { z } from "zod";
import { EXIT, exitCodeOf } from "../cli/exit-codes.ts";
import { createProgram } from "../cli/program.ts";
import { describeError } from "../platform/errors.ts";
import { configPath } from "./boot.ts";
import { apiOnTheBox } from "./cli-api.ts";

createProgram(configPath, apiOnTheBox())
  .parseAsync()
  .catch((error: unknown) => {
    // Its own message is out already.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
    else {
      const text = error instanceof z.ZodError ? z.prettifyError(error) : describeError(error);
      process.stderr.write(`ledgerstone: ${text}\n`);
      process.exitCode = error instanceof z.ZodError ? EXIT.usage : exitCodeOf(error);
    }
  });
