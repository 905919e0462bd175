authMiddleware, err := ginjwt.New(&ginjwt.GinJWTMiddleware{
	Realm:       "test zone",
	Key:         []byte("siskin key"),
	IdentityKey: "id",
	TokenHeadName: "Bearer",
})
