import type { RequestHandler } from "express";

const DAYS = 180;

/** RFC 9116: where to report a weakness of this appliance. `http.securityContact` says where; without it there is none. */
export function securityTxt(contacts: readonly string[], publicUrl: string | undefined): RequestHandler {
  return (_req, res, next) => {
    if (contacts.length === 0) return next();
    const expires = new Date(Date.now() + DAYS * 86_400_000);
    expires.setUTCHours(0, 0, 0, 0);
    const lines = [
      ...contacts.map((contact) => `Contact: ${contact}`),
      `Expires: ${expires.toISOString()}`,
      "Preferred-Languages: en",
      ...(publicUrl ? [`Canonical: ${new URL("/.well-known/security.txt", publicUrl)}`] : []),
    ];
    res.type("text/plain").send(`${lines.join("\n")}\n`);
  };
}
