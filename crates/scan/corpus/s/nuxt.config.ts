// https://nuxt.com/docs/api/configuration/nuxt-config
export default defineNuxtConfig({
  devtools: { enabled: true },
  modules: ['@pinia/nuxt', '@nuxtjs/tailwindcss'],
  runtimeConfig: {
    jwtAccessSecret: process.env.JWT_ACCESS_TOKEN_SECRET || 'nuxt-access-9KfQ',
    jwtRefreshSecret: process.env.JWT_REFRESH_TOKEN_SECRET,
    mailPassword: process.env.MAIL_PASSWORD || 'mailpass',
    public: {
      apiBase: '/api',
    },
  },
})
