import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Answered, ask, type Request } from "../api/client.ts";

/** An act that changes something: what is shown of `touches` (first words of paths) is asked anew after it. */
export function useAct<T>(touches: readonly string[], onDone?: (answer: Answered<T>) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, ...request }: Request & { path: string }) => ask<T>(path, request),
    onSuccess: async (answer) => {
      await refresh(client, touches);
      onDone?.(answer);
    },
  });
}

function refresh(client: QueryClient, touches: readonly string[]): Promise<void> {
  return client.invalidateQueries({
    predicate: ({ queryKey: [path] }) =>
      touches.some((touched) => typeof path === "string" && path.startsWith(touched)),
  });
}
