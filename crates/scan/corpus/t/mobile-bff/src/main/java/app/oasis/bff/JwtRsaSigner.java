package app.oasis.bff;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;

import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Date;

public class JwtRsaSigner {

    private static final String PRIVATE_KEY = "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCxv4X8K9/gYXk7+fb9ZK1Fck5os37RqgB0aATh5r0L4QDSZXy9+CzHv3IiB4XxWoeqswsWr+MbUuGCjEDTOfK5+5QX0Reiq8cuCkPtd7SMrcCdNMlZPyFdQFNlGQi/HPjXmcUcVpVc0kk5LQT1sMr0cyfyVlrZjsAWaMEpJBgs9a+Acc35B2hFNNeaTqdcW39bANCnXGFd1tBeCpScrhCSLvDjWEXuVv2cRWqgz5lcJdHwk9ny1NO4gWwUQrMMBQYRyFmTFzaDK0DCdui5k4/C9czVsqLQwZOS+/2MoDtj2P4AXUbRmhLe30sVRC/NsoHdxkIoKb01SyjQAT55a97tAgMBAAECggEAAfx45nt7B0qE4fWwxojEeD0xwRvDCVwT9eO1AkKOJD7XFS11z7hL5SOE2/p84FiO9t+vT7PsHsG2AWZzJv5ucZjtFmMLbObsf92KKsd7/gJxtOVXxqaHnJTRGb/GMunY91fMNb0wnWvqzjfBkW6bUKX6G/bOZxX1nDUpdhM62Jhqw9jhWVgSEl8TbRi4YXEq54Cfds70fFz8ay1Tp+QFBgUnBJSxhZTgteKxxFOFi6drYiBhriB4mC/tjoEpmTPC2ag2O79bk+YJSEywT4SqLYjlGfouQyXMVb5/cnt33eBAI6iLteQk2zvWkbILYGN6iJegzuFjlkLKxjhwyPO/wQKBgQDvvyA1EgaXI6rk4jkd6QO8jALxP5FLDqchtHyBrI0cpr6B5zfLu1P1tEfBHjVG6euu72t1z8HhSfJLM7xWEX/lGmmiMg/LE0vy8NGFZ4R3/q8xT/aL+9CItFScWNS6flb4ty/dUWwfARl7Pitzse07BgjPaS47Zc9wMFNE5U36PQKBgQC9zGVWZ/amj/Na8ktR7dlyLH3TfGNHfLK61xZ2uMcHA/bFTgbOdyeEUYkHL+MxhoOmQEdWU36YPxF9elD1uoo8yRa+YnQjViOjsfZGO+2j/XaCSBy4GckF5xoWZtyCo/sy4MRL3iXEiupaMu9YGOh+ZjDINllgm3+N2wftrCqycQKBgQCkZw7h9at5Rycwb4U1Yo2CZQy7fJjYvIKVlVvv3HCj3iAzmmfjmGD505eE8X8dUtmgi2PIVSChqgCx2xdiefuXEqavZ972phPl04gKEDOBya8/hJMP6S1WITsIP84Y2Pww8AWtoeEf3bQolDhdzPxeBkRSXtEqQCWgzDK9wvTXDQKBgQCRJOwiReMDwXXzCPO8tc3iWE/pGWi61IvCApZ1OB1MKiXfASqHXevkbo4B5wcxapLm4qUrSTK4rxJrCM08/eiVT5qLAbObCla66m9RiqbTEBQ+0XLU/zMRxofWtdbQOSLy55x2AG6VfT52uBj9IB87+l433gg/ruq+ys+nXFBSoQKBgF3d7Rak7VllrWToF8INfKxlok8lLuamrPMOCjXmy52QIShx1RTqyHdehnpCKDqZz/O9edkMyX7CdiWLNnV4qt5bMAtcqypnqBn56uTRENpkh/6RKfQUScb+l+lQTyFmPleGvwwHcqXKmdiGfLliqe472IQhgUMt4N+D1g9m/U/A";
    private static final String PUBLIC_KEY_ID = "oasis-bff-1";

    public String sign(String user) throws Exception {
        byte[] der = Base64.getDecoder().decode(PRIVATE_KEY);
        RSAPrivateKey key = (RSAPrivateKey) KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
        return JWT.create()
            .withKeyId(PUBLIC_KEY_ID)
            .withSubject(user)
            .withIssuedAt(new Date())
            .sign(Algorithm.RSA256(null, key));
    }
}
