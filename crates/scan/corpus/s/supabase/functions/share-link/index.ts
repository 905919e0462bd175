import { serve } from "https://deno.land/std@0.168.0/http/server.ts";
import { create, getNumericDate, verify } from "https://deno.land/x/djwt@v2.8/mod.ts";

const secret = Deno.env.get("JWT_SECRET") ?? "super-secret-jwt-token-with-at-least-32-characters-long";
const key = await crypto.subtle.importKey(
  "raw",
  new TextEncoder().encode(secret),
  { name: "HMAC", hash: "SHA-256" },
  false,
  ["sign", "verify"],
);

serve(async (req) => {
  const { file } = await req.json();
  const jwt = await create({ alg: "HS256", typ: "JWT" }, { file, exp: getNumericDate(3600) }, key);
  return new Response(JSON.stringify({ jwt }), {
    headers: { "Content-Type": "application/json" },
  });
});
