package com.ruoyi.common.utils;

import cn.hutool.core.date.DateField;
import cn.hutool.core.date.DateTime;
import cn.hutool.jwt.JWTPayload;
import cn.hutool.jwt.JWTUtil;

import java.util.HashMap;
import java.util.Map;

/**
 * token 工具类
 */
public class JwtUtils {

    /** 令牌前缀 */
    public static final String LOGIN_USER_KEY = "login_user_key";

    public static String createToken(Long userId, String mobile) {
        DateTime now = DateTime.now();
        Map<String, Object> payload = new HashMap<>();
        payload.put(JWTPayload.ISSUED_AT, now);
        payload.put(JWTPayload.EXPIRES_AT, now.offsetNew(DateField.HOUR, 24));
        payload.put("id", userId);
        payload.put("mobile", mobile);
        return JWTUtil.createToken(payload, "12306train".getBytes());
    }

    public static boolean validate(String token) {
        try {
            return cn.hutool.jwt.JWT.of(token).setKey("12306train".getBytes()).validate(0);
        } catch (Exception e) {
            return false;
        }
    }
}
