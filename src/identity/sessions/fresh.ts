/** How long a second factor, or a sign-in, counts as just shown. */
export const FRESH_MS = 10 * 60_000;

/** Until when what was shown at that instant counts as just shown, in milliseconds; 0 for what was never shown. */
export const freshUntil = (at: string | null | undefined): number => (at ? Date.parse(at) + FRESH_MS : 0);
