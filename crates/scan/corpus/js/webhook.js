const stripe = require('stripe')(process.env.STRIPE_KEY);
const endpointSecret = 'whsec_rowan0rowan1';
const hash = crypto.createHmac('sha256', 'webhook-rowan').update(body).digest('hex');
