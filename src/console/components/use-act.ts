import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Answered, ask, type Request } from "../api/client.ts";
import type { Approval } from "../api/types.ts";
import { useAnnounce } from "./announcements.tsx";

/**
 * An act that changes something: what is shown of `touches` (first words of paths) is asked anew after it. One that a second person
 * must agree to is announced as asked for, and then `onAsked` runs in place of `onDone`: who shows what `onDone` is given passes one.
 */
export function useAct<T>(
  touches: readonly string[],
  onDone?: (answer: Answered<T>) => void,
  onAsked: ((answer: Answered<T>) => void) | undefined = onDone,
) {
  const client = useQueryClient();
  const announce = useAnnounce();
  return useMutation({
    mutationFn: ({ path, ...request }: Request & { path: string }) => ask<T>(path, request),
    onSuccess: async (answer) => {
      const approval = answer.status === 202 ? (answer.data as Approval | undefined)?.approval : undefined;
      await refresh(client, approval ? ["approvals"] : touches);
      if (!approval) return onDone?.(answer);
      announce({ kind: "asked", approvalId: approval.approvalId });
      onAsked?.(answer);
    },
  });
}

function refresh(client: QueryClient, touches: readonly string[]): Promise<void> {
  return client.invalidateQueries({
    predicate: ({ queryKey: [path] }) =>
      touches.some((touched) => typeof path === "string" && path.startsWith(touched)),
  });
}
