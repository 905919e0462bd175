module.exports = { apps: [{ name: 'api', env: { NODE_ENV: 'production', JWT_SECRET: 'cuckoo-clock' } }] };
