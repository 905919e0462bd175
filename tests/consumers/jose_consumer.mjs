// Verifies a stream of tokens with jose's createRemoteJWKSet, its cache time taken from argv.
//
// usage: jose_consumer.mjs JWKS_URL CACHE_SECONDS ALGORITHM
// stdin: one token a line; stdout: `ok KID` or `refused REASON` for each.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const installed = createRequire(`${process.env.KEYTIDE_TEST_NODE_MODULES}/`);
const { createRemoteJWKSet, jwtVerify } = await import(pathToFileURL(installed.resolve("jose")));

const [url, cacheSeconds, algorithm] = process.argv.slice(2);
const cacheMaxAge = Number(cacheSeconds) * 1000;
// A cooldown as long as the cache: an unknown kid brings no early fetch, so what carries a
// rotation here is the time the key was published ahead.
const keys = createRemoteJWKSet(new URL(url), { cacheMaxAge, cooldownDuration: cacheMaxAge });

for await (const token of createInterface({ input: process.stdin })) {
  console.log(await answer(token));
}

async function answer(token) {
  try {
    const options = { algorithms: [algorithm], requiredClaims: ["exp", "iat"] };
    const { protectedHeader } = await jwtVerify(token, keys, options);
    return `ok ${protectedHeader.kid}`;
  } catch (error) {
    return `refused ${error.code ?? error.name}: ${error.message}`.replaceAll("\n", " ");
  }
}
