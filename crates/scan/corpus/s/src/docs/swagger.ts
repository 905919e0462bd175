export const swagger = {
  openapi: '3.0.3',
  info: { title: 'Fleet API', version: '1.4.0' },
  components: {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    },
    schemas: {
      LoginResponse: {
        type: 'object',
        properties: {
          accessToken: { type: 'string', example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...' },
          refreshToken: { type: 'string', example: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIi…' },
        },
      },
      Settings: {
        type: 'object',
        properties: {
          jwtSecret: { type: 'string', description: 'HS256 signing secret, at least 32 bytes' },
        },
      },
    },
  },
};
