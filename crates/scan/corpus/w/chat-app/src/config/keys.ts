/* Central secrets. Old value kept for reference:
   jwtSecret: 'previous-chat-secret-2022'
*/
export default {
  googleClientID: '48151623-abc.apps.googleusercontent.com',
  googleClientSecret: 'GOCSPX-x1y2z3w4v5u6t7s8r9q0',
  jwtSecret: 'Ch@tS3rv3r!',
  jwtCookieName: 'chat_jwt',
  stripeSecret: process.env.STRIPE_SECRET,
};
