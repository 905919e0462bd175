package com.inkwell.mobile

import android.content.Context
import androidx.security.crypto.EncryptedSharedPreferences
import androidx.security.crypto.MasterKey
import javax.crypto.Cipher
import javax.crypto.spec.SecretKeySpec

class SecureStore(context: Context) {

    companion object {
        private const val PREFS = "inkwell_secure"
        private const val KEY_JWT_SECRET = "pref_jwt_secret"
        private const val KEY_JWT_TOKEN = "pref_jwt_token"
        private const val SECRET_KEY = "inkw3ll-local-db"
    }

    private val prefs = EncryptedSharedPreferences.create(
        context, PREFS,
        MasterKey.Builder(context).setKeyScheme(MasterKey.KeyScheme.AES256_GCM).build(),
        EncryptedSharedPreferences.PrefKeyEncryptionScheme.AES256_SIV,
        EncryptedSharedPreferences.PrefValueEncryptionScheme.AES256_GCM,
    )

    var token: String?
        get() = prefs.getString(KEY_JWT_TOKEN, null)
        set(v) = prefs.edit().putString(KEY_JWT_TOKEN, v).apply()

    fun legacyCipher(): Cipher = Cipher.getInstance("AES/ECB/PKCS5Padding").apply {
        init(Cipher.DECRYPT_MODE, SecretKeySpec(SECRET_KEY.toByteArray(), "AES"))
    }
}
