import { names } from "../record/bag.ts";
import { encodeUtf8, toHex } from "../record/bytes.ts";
import { type Sha256Stream, sha256Stream } from "../record/sha256.ts";
import { erasuresHeader, erasuresLine, eventsHeader, imagesHeader, rowsHeader } from "../record/tables.ts";
import type { Erasures } from "./erasures.ts";
import type { Run } from "./run.ts";

/** One table as it should be, hashed while it is written. */
class Table {
  readonly name: string;
  readonly #hash: Sha256Stream = sha256Stream();
  #pending: string;

  constructor(name: string, header: string) {
    this.name = name;
    this.#pending = header;
  }

  add(line: string): void {
    this.#pending += line;
    if (this.#pending.length > 65_536) this.#flush();
  }

  #flush(): void {
    this.#hash.update(encodeUtf8(this.#pending));
    this.#pending = "";
  }

  digest(): string {
    this.#flush();
    return toHex(this.#hash.digest());
  }
}

/** The CSV tables, built again from rows, events and tombstones. Check 11. */
export class Tables {
  readonly rows = new Table(names.rowsTable, rowsHeader);
  readonly events = new Table(names.eventsTable, eventsHeader);
  readonly images = new Table(names.imagesTable, imagesHeader);
  readonly #erasures = new Table(names.erasuresTable, erasuresHeader);

  compare(run: Run, erasures: Erasures): void {
    for (const { row, reason, lines } of erasures.tombstones) {
      if (reason) for (const line of lines) this.#erasures.add(erasuresLine(row, reason.basis, line));
    }
    for (const table of [this.rows, this.events, this.images, this.#erasures]) {
      if (table.digest() !== run.bag.hashes.get(table.name)) {
        run.report.fail(11, table.name, "found a table unlike the one that rows, events and tombstones give");
      }
    }
  }
}
