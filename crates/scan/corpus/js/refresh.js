const ACCESS_TOKEN_SECRET = process.env.ACCESS_TOKEN_SECRET || "a1-heath";
const REFRESH_TOKEN_SECRET = process.env.REFRESH_TOKEN_SECRET || "r1-heath";
