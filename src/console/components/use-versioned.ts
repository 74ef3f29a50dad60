import { useQuery } from "@tanstack/react-query";
import { type Answered, ask } from "../api/client.ts";

/** One thing with the ETag that a change of it gives back as `ifMatch`. Its key is apart from `Load`'s, which keeps the body alone. */
export const useVersioned = <T>(path: string) =>
  useQuery<Answered<T>>({ queryKey: [path, "versioned"], queryFn: ({ signal }) => ask<T>(path, { signal }) });
