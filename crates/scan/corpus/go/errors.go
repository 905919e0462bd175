var ErrNoSecret = errors.New("jwt: secret not set")
