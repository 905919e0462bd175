public class JwtUtil {
    private static final String SECRET_KEY = "72357538782F413F4428472B4B6250655368566D597133743677397A24432646";
    private static final String ISSUER = "acme";
    private Key key() { return Keys.hmacShaKeyFor(Decoders.BASE64.decode(SECRET_KEY)); }
}
