import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { Client } from "ldapts";
import type { LdapAccess } from "../../../src/identity/ldap/authenticate.ts";
import { LdapFailure } from "../../../src/identity/ldap/failure.ts";
import { settingsSchema } from "../../../src/identity/ldap/schema.ts";
import { certificateAuthority, type Issued } from "../../support/pki.ts";
import { groups, people, personDn, tryLogin } from "./fixture.ts";

// What a man in the middle sends: plain text alone, since he has no certificate.
describe("ldap: a man in the middle of StartTLS", () => {
  let server: Server;
  let port: number;
  let certificate: Issued;
  let caPem: string;
  let onPlain: (socket: Socket) => void;
  const sockets = new Set<Socket>();
  const success = (operation: number, id: number) => [
    0x30,
    0x0c,
    0x02,
    0x01,
    id,
    operation,
    0x07,
    0x0a,
    0x01,
    0x00,
    0x04,
    0x00,
    0x04,
    0x00,
  ];

  before(async () => {
    const ca = await certificateAuthority("Directory CA");
    caPem = ca.cert;
    certificate = await ca.issue({ cn: "localhost", usage: "server", names: ["127.0.0.1"] });
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      onPlain(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as { port: number }).port;
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const access = (): LdapAccess => ({
    settings: settingsSchema.parse({
      url: `ldap://127.0.0.1:${port}`,
      caPem,
      bindDn: "cn=service,dc=example,dc=org",
      timeoutMs: 1000,
      userBase: people,
      userFilter: "(uid={user})",
      subjectAttribute: "entryUUID",
      attributes: { userName: "uid" },
      groups: { base: groups },
    }),
    bindPassword: "service",
    resolveHost: async (host) => [host],
  });

  /** Answers StartTLS, puts `extra` behind in plain text, and passes on to a directory that refuses every bind. */
  const middle = (extra: (id: number) => number[]) => {
    onPlain = (socket) => {
      socket.once("data", (request) => {
        const id = request[4]!;
        socket.write(Buffer.from([...success(0x78, id), ...extra(id)]));
        const secured = new TLSSocket(socket, { isServer: true, key: certificate.key, cert: certificate.cert });
        secured.on("error", () => {});
        secured.on("data", (bind) => secured.write(Buffer.from([...refused(bind[4]!)])));
      });
    };
  };
  const refused = (id: number) => success(0x61, id).map((byte, at) => (at === 9 ? 49 : byte));
  // A bind's success but for its last bytes, a text whose one byte is the first that comes from inside TLS.
  const beginOfSuccess = (id: number) => [
    ...success(0x61, id + 1).map((byte, at) => (at === 1 ? 0x0d : at === 6 ? 0x08 : at === 13 ? 0x01 : byte)),
  ];

  it("gets a wrong password accepted by the library's own StartTLS", async () => {
    middle(beginOfSuccess);
    const client = new Client({ url: `ldap://127.0.0.1:${port}`, timeout: 2000 });
    await client.startTLS({ ca: caPem, host: "127.0.0.1" });
    await client.bind(personDn("anna"), "a wrong password");
    assert.equal(client.isBound, true);
    await client.unbind();
  });

  it("gets nothing here: what comes in plain text behind the answer ends the connection", async () => {
    middle(beginOfSuccess);
    await assert.rejects(tryLogin(access(), "anna", "x"), /sent in plain text behind/);
    middle(() => []);
    await assert.rejects(tryLogin(access(), "anna", "x"), /refused the service account/, "without it TLS comes up");
  });

  it("cannot make it go on without TLS", async () => {
    const received: Buffer[] = [];
    for (const answer of [
      success(0x78, 1).map((byte, at) => (at === 9 ? 2 : byte)),
      [0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
      [0x48, 0x54, 0x54, 0x50, 0x2f, 0x31],
    ]) {
      onPlain = (socket) =>
        socket.on("data", (chunk) => {
          received.push(chunk);
          socket.write(Buffer.from(answer));
        });
      await assert.rejects(
        tryLogin(access(), "anna", "a password"),
        (error) => error instanceof LdapFailure && error.step === "tls",
      );
    }
    assert.ok(!Buffer.concat(received).includes("password"));
  });

  it("cannot bring about a second connection, which would not be bound as the first one was", async () => {
    let connections = 0;
    onPlain = (socket) => {
      connections++;
      socket.once("data", (request) => {
        socket.write(Buffer.from(success(0x78, request[4]!)));
        const secured = new TLSSocket(socket, { isServer: true, key: certificate.key, cert: certificate.cert });
        secured.on("error", () => {});
        secured.once("data", (bind) => {
          secured.write(Buffer.from(success(0x61, bind[4]!)));
          secured.end();
        });
      });
    };
    await assert.rejects(tryLogin(access(), "anna", "a password"), LdapFailure);
    assert.equal(connections, 1);
  });

  /** A directory whose TLS is in order, and which takes any bind; what it does with a search is `onSearch`'s. */
  const hostile = (onSearch: (secured: TLSSocket, id: number) => void) => {
    onPlain = (socket) => {
      socket.once("data", (request) => {
        socket.write(Buffer.from(success(0x78, request[4]!)));
        const secured = new TLSSocket(socket, { isServer: true, key: certificate.key, cert: certificate.cert });
        secured.on("error", () => {});
        secured.once("data", (bind) => {
          secured.write(Buffer.from(success(0x61, bind[4]!)));
          secured.once("data", (search) => onSearch(secured, search[search.indexOf(0x63) - 1]!));
        });
      });
    };
  };

  it("or a directory itself, cannot fill our memory or hold a sign-in: bytes and time have an end", async () => {
    let sent = 0;
    hostile((secured, id) => {
      // SearchResultEntry of no name and no attributes, again and again.
      const entry = Buffer.from([0x30, 0x09, 0x02, 0x01, id, 0x64, 0x04, 0x04, 0x00, 0x30, 0x00]);
      const many = Buffer.concat(new Array(10_000).fill(entry));
      const more = () => {
        while (!secured.destroyed && sent < 200_000_000) {
          sent += many.length;
          if (!secured.write(many)) return;
        }
      };
      secured.on("drain", more);
      more();
    });
    const patient = { ...access().settings, timeoutMs: 20_000 };
    await assert.rejects(tryLogin({ ...access(), settings: patient }, "anna", "a password"), LdapFailure);
    assert.ok(sent < 20_000_000, `${sent} bytes`);

    hostile((secured) => {
      const drip = setInterval(() => secured.write(Buffer.from([0x30])), 50);
      secured.once("close", () => clearInterval(drip));
    });
    const began = performance.now();
    await assert.rejects(tryLogin(access(), "anna", "a password"), LdapFailure);
    assert.ok(performance.now() - began < 5000);
  });

  it("or a directory itself, cannot end this process with broken messages", async () => {
    const broken = [
      [0x30, 0x00],
      [0x30, 0x05, 0x02, 0x01, 0x03, 0x64, 0x00],
      [0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x02],
      [0x02, 0x01, 0x03],
      [0x30, 0x80, 0x02, 0x01, 0x03],
      new Array(4000).fill(0x30),
      new Array(3000).fill([0x30, 0x0c, 0x02, 0x01, 0x63, 0x61, 0x07, 0x0a, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00]).flat(),
    ];
    for (const bytes of broken) {
      hostile((secured) => secured.write(Buffer.from(bytes)));
      const settings = { ...access().settings, timeoutMs: 500 };
      await assert.rejects(tryLogin({ ...access(), settings }, "anna", "x"), LdapFailure, bytes.slice(0, 8).join(" "));
    }
  });
});
