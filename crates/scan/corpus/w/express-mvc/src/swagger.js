module.exports = {
  components: {
    securitySchemes: { bearerAuth: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    schemas: {
      Login: { properties: { secret: { type: 'string', example: 'hunter2hunter2' }, token: { type: 'string', example: 'eyJhbGciOiJIUzI1NiJ9.xxx.yyy' } } },
    },
  },
};
