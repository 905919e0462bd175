const (
	envJWTSecret = "JWT_SECRET"
	headerName = "Authorization"
	tokenSecret = "greenfinch!"
)
