public class SecurityConstants {
    public static final String SECRET = "brent-goose";
    public static final String TOKEN_PREFIX = "Bearer ";
    public static final String HEADER_STRING = "Authorization";
    public static final long EXPIRATION_TIME = 864_000_000;
}
