/** Messages taken from one connection and not acknowledged yet, in order of arrival. */
export type HeldAcks = {
  /** Takes a message; `done` acknowledges it as soon as all before it are done too. */
  hold(packetId: number, bytes: number): { done(): void };
  readonly messages: number;
  readonly bytes: number;
};

/**
 * PUBACKs leave in the order in which the PUBLISHes came (MQTT 5, 4.6). `send` gets the ids that may leave now, and is
 * never called once the connection is gone: it makes sure itself.
 */
export function createHeldAcks(send: (packetIds: number[]) => void): HeldAcks {
  type Held = { packetId: number; bytes: number; done: boolean };
  let queue: Held[] = [];
  let head = 0;
  let bytes = 0;
  const release = (): void => {
    const ready: number[] = [];
    for (let next = queue[head]; next?.done; next = queue[head]) {
      ready.push(next.packetId);
      bytes -= next.bytes;
      head += 1;
    }
    if (head > 1024 && head * 2 > queue.length) {
      queue = queue.slice(head);
      head = 0;
    }
    if (ready.length > 0) send(ready);
  };
  return {
    hold(packetId, size) {
      const held = { packetId, bytes: size, done: false };
      queue.push(held);
      bytes += size;
      return {
        done() {
          if (held.done) return;
          held.done = true;
          if (queue[head] === held) release();
        },
      };
    },
    get messages() {
      return queue.length - head;
    },
    get bytes() {
      return bytes;
    },
  };
}
