package se.kraken.api;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.JWTAuthHandler;

public class MainVerticle extends AbstractVerticle {

  @Override
  public void start(Promise<Void> startPromise) {
    JWTAuth provider = JWTAuth.create(vertx, new JWTAuthOptions()
      .addPubSecKey(new PubSecKeyOptions()
        .setAlgorithm("HS256")
        .setBuffer("kraken keyboard cat"))
      .setJWTOptions(new JWTOptions().setIssuer("kraken-api").setExpiresInMinutes(30)));

    Router router = Router.router(vertx);
    router.route("/api/*").handler(JWTAuthHandler.create(provider));
    router.get("/token").handler(ctx ->
      ctx.end(provider.generateToken(new JsonObject().put("sub", ctx.request().getParam("u")))));

    vertx.createHttpServer().requestHandler(router).listen(8080)
      .<Void>mapEmpty().onComplete(startPromise);
  }
}
