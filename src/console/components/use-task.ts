import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { get } from "../api/client.ts";
import type { Task } from "../api/types.ts";

/** A browser has six connections to one server in all of its tabs: the rest of the console needs some. */
const MOST_STREAMS = 2;
let openStreams = 0;

const ENDED: readonly Task["state"][] = ["done", "failed", "cancelled"];
export const hasEnded = ({ state }: Pick<Task, "state">): boolean => ENDED.includes(state);

/**
 * A task as it goes on: told by the server, or asked for every few seconds where streams are used up or do not get through. What it
 * is stands in the database, so that a reload loses nothing. `onDone` hears of its end once, also when it had ended before.
 */
export function useTask(taskId: string, onDone?: (task: Task) => void): { task: Task | undefined; error: unknown } {
  const client = useQueryClient();
  const path = `tasks/${encodeURIComponent(taskId)}`;
  const [isTold, setTold] = useState(false);
  const { data: task, error } = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => get<Task>(path, { signal }),
    refetchInterval: ({ state: { data } }) => (isTold || (data && hasEnded(data)) ? false : 3_000),
  });
  const isOver = task !== undefined && hasEnded(task);
  useEffect(() => {
    if (isOver) return;
    return followWhileVisible(path, {
      onTask: (told) => client.setQueryData([path], told),
      onLive: setTold,
    });
  }, [path, isOver, client]);
  const toldOf = useRef<string>(undefined);
  useEffect(() => {
    if (!task || !hasEnded(task) || toldOf.current === taskId) return;
    toldOf.current = taskId;
    onDone?.(task);
  }, [task, taskId, onDone]);
  return { task, error: task ? null : error };
}

type Follower = { onTask(task: Task): void; onLive(isLive: boolean): void };

/** A tab that nobody sees holds no connection. Returns what ends it. */
function followWhileVisible(path: string, follower: Follower): () => void {
  let leave: (() => void) | undefined;
  const look = (): void => {
    const isVisible = document.visibilityState === "visible";
    if (isVisible && !leave) leave = follow(path, follower);
    if (!isVisible) {
      leave?.();
      leave = undefined;
    }
  };
  look();
  document.addEventListener("visibilitychange", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    leave?.();
  };
}

/** Undefined when there is no room for one more stream. */
function follow(path: string, { onTask, onLive }: Follower): (() => void) | undefined {
  if (openStreams >= MOST_STREAMS) return undefined;
  openStreams++;
  const source = new EventSource(`/api/v1/${path}/stream`);
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    openStreams--;
    source.close();
    onLive(false);
  };
  source.addEventListener("open", () => onLive(true));
  source.addEventListener("task", ({ data }: MessageEvent<string>) => onTask(JSON.parse(data) as Task));
  source.addEventListener("end", close);
  source.addEventListener("error", () => {
    // The browser tries again by itself, unless it was refused.
    if (source.readyState === EventSource.CLOSED) close();
    else onLive(false);
  });
  return close;
}
