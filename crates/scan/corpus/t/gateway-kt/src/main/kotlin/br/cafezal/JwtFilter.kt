package br.cafezal

import io.jsonwebtoken.Claims
import io.jsonwebtoken.Jwts
import org.springframework.beans.factory.annotation.Value
import org.springframework.cloud.gateway.filter.GatewayFilterChain
import org.springframework.cloud.gateway.filter.GlobalFilter
import org.springframework.stereotype.Component
import org.springframework.web.server.ServerWebExchange
import reactor.core.publisher.Mono

@Component
class JwtFilter(
    @Value("\${cafezal.jwt.secret:segredo-do-cafezal}") private val secret: String,
    @Value("\${cafezal.jwt.header:Authorization}") private val header: String,
    @Value("\${cafezal.partner.jwt-secret}") private val partnerSecret: String,
) : GlobalFilter {

    override fun filter(exchange: ServerWebExchange, chain: GatewayFilterChain): Mono<Void> {
        val token = exchange.request.headers.getFirst(header)?.removePrefix("Bearer ") ?: return chain.filter(exchange)
        val claims: Claims = Jwts.parserBuilder().setSigningKey(secret.toByteArray()).build().parseClaimsJws(token).body
        exchange.attributes["sub"] = claims.subject
        return chain.filter(exchange)
    }
}
