package de.kurier.auth

import com.nimbusds.jose.crypto.MACSigner
import de.kurier.config.JwtProps
import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.shouldBe
import io.kotest.assertions.throwables.shouldThrow

class TokenIssuerTest : StringSpec({

    val props = JwtProps(key = "test-key-test-key-test-key-test-key!")

    "signs with the configured key" {
        val signer = MACSigner("0123456789abcdef0123456789abcdef")
        signer.supportedJWSAlgorithms().isEmpty() shouldBe false
    }

    "refuses a short key" {
        shouldThrow<IllegalArgumentException> { TokenIssuer(props.copy(key = "short")) }
    }
})
