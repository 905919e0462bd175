-module(auth_handler).
-export([issue/1, verify/1]).

-define(JWT_SECRET, <<"erlang-macro-secret">>).
-define(ISSUER, <<"erl-auth">>).

issue(UserId) ->
    Claims = [{<<"sub">>, UserId}, {<<"iss">>, ?ISSUER}],
    {ok, Token} = jwt:encode(<<"HS256">>, Claims, ?JWT_SECRET),
    Token.

verify(Token) ->
    jwt:decode(Token, os:getenv("JWT_SECRET", "erl-fallback")).
