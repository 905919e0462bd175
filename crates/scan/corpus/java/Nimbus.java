JWSSigner signer = new MACSigner("sanderling-sanderling-sanderling");
