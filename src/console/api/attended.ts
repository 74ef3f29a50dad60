const idleMs = 60_000;
let usedAt = Date.now();

/** Notes that somebody is at the page. */
export function watchAttendance(): void {
  const note = (): void => {
    usedAt = Date.now();
  };
  for (const event of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    window.addEventListener(event, note, { capture: true, passive: true });
  }
}

/** Whether the page asks by itself, with nobody at it for a minute: the session's idle time then goes on. */
export const isUnattended = (): boolean => Date.now() - usedAt > idleMs;
