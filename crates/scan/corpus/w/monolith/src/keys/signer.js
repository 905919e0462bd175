const jwt = require('jsonwebtoken');

const PRIVATE_KEY = `-----BEGIN RSA PRIVATE KEY-----
MIICWwIBAAKBgQCV/I7wFG1NrkuAUraYh/sPhMORPLYwRSor6dEiApWwa/rqhehj
bT+4b419ahl57VneH2MmXbwkQtRju1jGUz/ZNaPCLv/trIJW05sT9Z6jqS6//ObK
RT0LjhM9g3yR0n1Np37qRsO3DQNIveT9GQpDhYaQ+gjczZUSijEq01/mtwIDAQAB
AoGAdrjn3BoPO0IP+Y9/gdWBYZNRypEoFaVp8ECwjh9FpdSTVTiR7sH3gmKquO9X
IzBBxpVJwoDIAFv2CsutRa94BZ06rDxRwVvETyzVfhIPro9NO1BYz+S9L9Xh51pD
QkyZCnY8lA/eBxm8dvt3chEuQF0uXhO7FZQHzsPfFLEmcOECQQDFb/u472IGuMvR
fsHxmCQSN3TAVG9Vy91pxIAJU76P5Uv3qNlxHtgayfH23tBX4NEkEGkKCMIPkNoc
KgH4wOm9AkEAwnl8zH5Y7fxWb8eBc5+I5FhrIK3pAv+d5BtGA35BJmOzri7Ne0ld
PWnVx+uO/oy/fEsq1C6QgwI2hEPgCMangwJAKnvcOIEaIMQm519VMD1ClcDlGHWS
t210qUulGVyxxpjabeIhV9wBOFJ4BF0Ri7dOiWoWkBguWdcbd6/6WKJ6KQJAccLh
dzo9yVGAOrkpB7r+OB1k5WP2V3OyKBqwNSDo+Yz/MdhdCU6cRW2gyecI6ezposrR
zfdDP+/OdkbCSj/zAwJAb3s4GbgQamajAFJD0lT9oGVCgmTWKzzv8AXHpgedckXa
H2dRbhbiWVhlrDGyuDjkj6kkNlZJC7cbTl3XxKcOgA==
-----END RSA PRIVATE KEY-----`;

module.exports = (claims) => jwt.sign(claims, PRIVATE_KEY, { algorithm: 'RS256', keyid: 'mono-1' });
