import { z } from "zod";

/** The section `smtp` of the configuration. Absent: no e-mail; everything that one would tell has another way. */
export const smtpSchema = z
  .strictObject({
    host: z.string().min(1),
    port: z.number().int().min(1).max(65535).default(587),
    tls: z.enum(["starttls", "tls", "none"]).default("starttls"),
    caFile: z.string().min(1).optional(),
    user: z.string().min(1).optional(),
    passwordFile: z.string().min(1).optional(),
    from: z.string().min(3),
  })
  .refine(
    (smtp) => (smtp.user === undefined) === (smtp.passwordFile === undefined),
    "user and passwordFile go together",
  )
  .refine((smtp) => smtp.tls !== "none" || smtp.user === undefined, "a password needs TLS: starttls or tls");
