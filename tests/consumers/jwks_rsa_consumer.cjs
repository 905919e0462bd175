// Verifies a stream of tokens with jwks-rsa and jsonwebtoken, its cache time taken from argv.
//
// usage: jwks_rsa_consumer.cjs JWKS_URL CACHE_SECONDS ALGORITHM
// stdin: one token a line; stdout: `ok KID` or `refused REASON` for each.

const { createRequire } = require("node:module");
const { createInterface } = require("node:readline");

const installed = createRequire(`${process.env.KEYTIDE_TEST_NODE_MODULES}/`);
const jsonwebtoken = installed("jsonwebtoken");
const jwksClient = installed("jwks-rsa");

const [jwksUri, cacheSeconds, algorithm] = process.argv.slice(2);
const keys = jwksClient({ jwksUri, cache: true, cacheMaxAge: Number(cacheSeconds) * 1000 });

async function answer(token) {
  try {
    const decoded = jsonwebtoken.decode(token, { complete: true });
    if (decoded === null) return "refused not a token";
    const key = await keys.getSigningKey(decoded.header.kid);
    const claims = jsonwebtoken.verify(token, key.getPublicKey(), { algorithms: [algorithm] });
    return claims.exp === undefined ? "refused no exp" : `ok ${key.kid}`;
  } catch (error) {
    return `refused ${error.name}: ${error.message}`.replaceAll("\n", " ");
  }
}

async function main() {
  for await (const token of createInterface({ input: process.stdin })) {
    console.log(await answer(token));
  }
}

main();
