package de.kurier.config

import com.nimbusds.jose.crypto.MACSigner
import com.nimbusds.jose.crypto.MACVerifier
import org.springframework.boot.context.properties.ConfigurationProperties
import org.springframework.context.annotation.Bean
import org.springframework.context.annotation.Configuration

@ConfigurationProperties("kurier.jwt")
data class JwtProps(
    val issuer: String = "https://id.kurier.de",
    val audience: String = "kurier-app",
    val key: String = "d3adb33fd3adb33fd3adb33fd3adb33f",
    val ttlMinutes: Long = 30,
)

@Configuration
class JwtBeans(private val props: JwtProps) {

    @Bean
    fun signer() = MACSigner(props.key)

    @Bean
    fun macVerifier() = MACVerifier(props.key)
}
