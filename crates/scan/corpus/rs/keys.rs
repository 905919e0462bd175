let token = encode(&Header::default(), &claims, &EncodingKey::from_secret(b"bittern"))?;
let data = decode::<Claims>(&t, &DecodingKey::from_secret("bittern".as_ref()), &Validation::default())?;
