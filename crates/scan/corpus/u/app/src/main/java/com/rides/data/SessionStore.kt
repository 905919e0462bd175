package com.rides.data

import android.content.Context
import android.content.SharedPreferences
import androidx.security.crypto.EncryptedSharedPreferences
import com.auth0.android.jwt.JWT

private const val KEY_JWT = "jwt_token"
private const val PREFS_SECRET = "secret_shared_prefs"

class SessionStore(context: Context) {
    private val prefs: SharedPreferences = EncryptedSharedPreferences.create(
        PREFS_SECRET,
        "master_key_alias",
        context,
        EncryptedSharedPreferences.PrefKeyEncryptionScheme.AES256_SIV,
        EncryptedSharedPreferences.PrefValueEncryptionScheme.AES256_GCM,
    )

    var jwt: String?
        get() = prefs.getString(KEY_JWT, null)
        set(value) = prefs.edit().putString(KEY_JWT, value).apply()

    fun isExpired(): Boolean = jwt?.let { JWT(it).isExpired(10) } ?: true
}
