import { isAbsolute, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import { describeError } from "../platform/errors.ts";
import type { Edge } from "./edge.ts";

const lineSchema = z.strictObject({
  kind: z.string(),
  occurred: z.string().optional(),
  body: z.unknown(),
  subjects: z.array(z.string()).optional(),
  images: z.array(z.string()).optional(), // files
});

// Takes events from the programs of a box: one JSON object a line, images as file names. Answers each line, in order,
// with {"id":…} once the event is on the disk, or with {"error":…}. Resolves at the end of the input.
export async function takeLines(edge: Edge, input: Readable, output: Writable, imagesFrom: string): Promise<void> {
  for await (const text of createInterface({ input })) {
    if (text.trim() === "") continue;
    output.write(`${JSON.stringify(await takeLine(edge, text, imagesFrom))}\n`);
  }
}

async function takeLine(edge: Edge, text: string, imagesFrom: string): Promise<{ id: string } | { error: string }> {
  try {
    const { images = [], ...event } = lineSchema.parse(JSON.parse(text));
    const files = images.map((file) => ({ file: isAbsolute(file) ? file : join(imagesFrom, file) }));
    return { id: await edge.append({ ...event, body: event.body, images: files }) };
  } catch (error) {
    return { error: describeError(error) };
  }
}
