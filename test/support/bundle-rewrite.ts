import { rowHash, rowLines } from "../../src/record/row.ts";
import type { TestChain } from "./bundle-chain.ts";

/** Changes one row, and links and seals everything after it anew, with the appliance's own key: what a thief of keys can do. */
export function rewrite(chain: TestChain, seq: number, change: (row: TestChain["rows"][number]["row"]) => void): void {
  for (const stored of chain.rows.slice(seq - 1)) {
    if (stored.row.seq === seq) change(stored.row);
    else stored.row.prev = chain.rows[stored.row.seq - 2]!.hash;
    stored.lines = rowLines(stored.row);
    stored.hash = rowHash(stored.lines);
  }
  chain.checkpoints = [];
}
