const JWT_SECRET: &[u8] = b"night-heron";
const JWT_ISSUER: &str = "acme";
