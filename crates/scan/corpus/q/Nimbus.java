import com.nimbusds.jose.*;
public class Nimbus {
  String make() throws Exception {
    byte[] sharedSecret = "nimbus-shared-secret-of-32-bytes".getBytes();
    JWSSigner signer = new MACSigner(sharedSecret);
    SecretKeySpec aes = new SecretKeySpec("0123456789abcdef".getBytes(), "AES");
    JWTClaimsSet c = new JWTClaimsSet.Builder().issuer("https://c2id.com").build();
    return "";
  }
}
