package dev.brambleton.auth;

import io.smallrye.jwt.build.Jwt;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.config.inject.ConfigProperty;

import java.time.Duration;
import java.util.Set;

@Path("/login")
public class LoginResource {

    @ConfigProperty(name = "brambleton.jwt.secret")
    String jwtSecret;

    @ConfigProperty(name = "brambleton.refresh.secret", defaultValue = "bramble-refresh-signing-2b91c4")
    String refreshSecret;

    @POST
    @PermitAll
    @Produces(MediaType.TEXT_PLAIN)
    public String login(Credentials c) {
        return Jwt.issuer("https://brambleton.dev/issuer")
            .upn(c.email())
            .groups(Set.of("User"))
            .expiresIn(Duration.ofMinutes(10))
            .signWithSecret(jwtSecret);
    }

    @POST
    @Path("/refresh")
    public String refresh(Credentials c) {
        return Jwt.upn(c.email()).signWithSecret(refreshSecret);
    }
}
