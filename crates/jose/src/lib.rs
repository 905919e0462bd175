//! JOSE: bytes in, proof or reason out (RFC 7515–7519, 7638, 8725).
